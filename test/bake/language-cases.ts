/** The language: literals, operators, templates, loops, functions. */
import { expressions, hcl, type BakeCase } from './case.ts'

export const languageCases: readonly BakeCase[] = [
  expressions('literals', {
    a: '1',
    b: '1.50',
    c: '1e3',
    d: 'true',
    e: '"x\\ty\\n\\"q\\" \\u00e9 \\\\"',
    f: '0.1 + 0.2 == 0.3 ? "equal" : "other"',
    g: '-5',
    h: '1000000 * 1000000',
    i: '10 / 4',
    j: '-7 % 3',
  }),
  expressions('operators', {
    a: '1 + 2 * 3 - 4 / 2',
    b: '(1 + 2) * 3',
    c: '!true || false && true',
    d: '1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 4',
    e: '"a" == "a"',
    f: '"1" == 1',
    g: '["a"] == ["a"]',
    h: '"5" + 1',
    i: '-(-3)',
    j: 'null == null',
    k: '1 == 1 ? 2 == 3 ? "x" : "y" : "z"',
  }),
  expressions(
    'conditionals',
    {
      a: 'true ? "a" : 1',
      b: 'false ? "a" : 1',
      c: 'true ? null == null : false',
      d: 'join(",", false ? ["a"] : ["b", "c"])',
      e: 'join(",", true ? [] : ["b", "c"])',
      f: 'true ? "x" : nosuchvalue',
    },
    'variable "nosuchvalue" {}',
  ),
  expressions('templates', {
    a: '"v${1 + 1}-${"in${"ner"}"}"',
    b: '"$${keep} %%{keep} $x %y $$ %%"',
    c: '"a%{ if true }yes%{ else }no%{ endif }b%{ if false }x%{ endif }"',
    d: '"%{ for x in ["a", "b"] }<${x}>%{ endfor }"',
    e: '"%{ for i, x in ["a", "b"] }${i}=${x} %{ endfor }"',
    f: '"a  ${~ "b" ~}  c"',
    g: '"  %{~ if true ~}  x  %{~ endif ~}  "',
    h: '"${true}${5}${1.5}"',
  }),
  hcl(
    'heredocs',
    `target "default" {
  dockerfile-inline = <<EOT
FROM scratch
  COPY a b
EOT
  args = {
    flush = <<-EOT
      one
        two

      three \${1 + 1}
    EOT
    loop = <<-EOT
    %{ for x in ["a", "b"] ~}
    item \${x}
    %{ endfor ~}
    end
    EOT
    escapes = <<EOT
\\n stays $\${x} "quoted"
EOT
  }
}
`,
  ),
  expressions('for-expressions', {
    a: 'join(",", [for x in ["a", "b"] : upper(x)])',
    b: 'join(",", [for i, x in ["a", "b"] : "${i}${x}"])',
    c: 'join(",", [for k, v in {b = 1, a = 2} : "${k}${v}"])',
    d: 'join(",", [for x in [1, 2, 3, 4] : x if x % 2 == 0])',
    e: 'jsonencode({for x in ["a", "b"] : x => upper(x)})',
    f: 'jsonencode({for x in ["aa", "b", "ab"] : substr(x, 0, 1) => x...})',
    g: 'jsonencode({for k, v in {a = "1", b = "2"} : v => k})',
  }),
  expressions('traversals', {
    a: '["x", "y"][1]',
    b: '{a = {b = ["c"]}}.a.b[0]',
    c: '{a = "q"}["a"]',
    d: 'join(",", [{n = "a"}, {n = "b"}][*].n)',
    e: 'join(",", [{n = "a"}, {n = "b"}].*.n)',
    f: 'jsonencode({n = 1}[*].n)',
    g: '[["a", "b"]][0][1]',
    h: 'jsonencode([{a = [1]}, {a = [2]}][*].a[0])',
    i: '["x", "y"].1',
  }),
  expressions('objects', {
    a: 'jsonencode({a = 1, "b c" = 2, (upper("k")) = 3, "${"t"}x" : 4})',
    b: 'jsonencode({\n      x = 1\n      y = [\n        1,\n        2,\n      ]\n    })',
    c: 'jsonencode(merge({a = 1, b = 2}, {b = 3}, null))',
    d: 'jsonencode({a = null})',
  }),
  hcl(
    'comments',
    `# hash
// slashes
/* block
   comment */
target "default" { # after
  tags = [ # in a list
    "a", // one
    /* two */ "b",
  ]
  args = { // in a map
    A = 1 # one
    B = 2
  }
}
`,
  ),
  hcl(
    'functions-of-the-file',
    `function "tag" {
  params = [name]
  variadic_params = more
  result = join("/", concat(["reg", name], more))
}
function "double" {
  params = [x]
  result = x * FACTOR
}
function "both" {
  params = [a, b]
  result = ["\${a}-\${b}", tag(a), tag(b, a, "z")]
}
variable "FACTOR" { default = 2 }
target "default" {
  tags = both("p", "q")
  args = { D = double(double(3)), E = tag(["x"]...) }
}
`,
  ),
  expressions('numbers', {
    a: 'absolute(-3)',
    b: 'add(1, 2)',
    c: 'ceil(1.2)',
    d: 'floor(-1.2)',
    e: 'int(2.9)',
    f: 'max(1, 5, 3)',
    g: 'min(4, 2)',
    h: 'modulo(7, 4)',
    i: 'multiply(3, 4)',
    j: 'negate(2)',
    k: 'parseint("ff", 16)',
    l: 'pow(2, 10)',
    m: 'signum(-9)',
    n: 'subtract(5, 7)',
    o: 'divide(9, 2)',
    p: 'log(8, 2)',
    q: 'greaterthan(2, 1)',
    r: 'lessthanorequalto(2, 1)',
    s: 'and(true, false)',
    t: 'or(true, false)',
    u: 'not(true)',
    v: 'equal("a", "a")',
    w: 'notequal("", "")',
    x: 'greaterthanorequalto(2, 2)',
    y: 'lessthan(1, 2)',
  }),
  expressions('texts', {
    a: 'upper("aé")',
    b: 'lower("AÉ")',
    c: 'title("hello big-world")',
    d: 'chomp("a\\n\\n")',
    e: 'trimspace("  a ")',
    f: 'strlen("aé👍")',
    g: 'reverse("abc")',
    h: 'trim("xxaxx", "x")',
    i: 'trimprefix("refs/tags/v1", "refs/tags/")',
    j: 'trimsuffix("a.tar", ".tar")',
    k: 'substr("hello", 1, 3)',
    l: 'substr("hello", -3, -1)',
    m: 'replace("a.b.c", ".", "-")',
    n: 'join("|", split(",", "a,b,,c"))',
    o: 'indent(2, "a\\nb")',
    p: 'sanitize("a/b.c:d_e-f")',
    q: 'basename("/a/b.c")',
    r: 'dirname("a/b/../c.d")',
    s: 'regex("v([0-9]+)", "xv12")[0]',
    t: 'regex("[a-z]+", "12ab34")',
    u: 'regex("(?P<major>\\\\d+)\\\\.(?P<minor>\\\\d+)", "1.24").minor',
    v: 'jsonencode(regexall("[0-9]", "a1b2"))',
    w: 'regex_replace("v1.2.3", "^v([0-9]+)\\\\..*$", "major $1")',
    x: 'regex_replace("aaa", "a", "b")',
    y: 'length(regexall("^v", "v1")) > 0 ? "yes" : "no"',
    z: 'urlencode("a b/c?d=é~*")',
  }),
  expressions('formats', {
    a: 'format("%s-%d-%v", "a", 5, true)',
    b: 'format("%05d|%-5s|%5s|%+d", 42, "x", "y", 3)',
    c: 'format("%.2f %q %%", 1.005, "q")',
    d: 'format("%x %X %b %o", 255, 255, 5, 8)',
    e: 'format("%v %v", [1, "a"], {a = 1})',
    f: 'format("%[2]s %[1]s", "a", "b")',
    g: 'format("%t", true)',
    h: 'join(" ", formatlist("%s:%s", "img", ["a", "b"]))',
    i: 'join(" ", formatlist("%s=%s", ["a", "b"], [1, 2]))',
    j: 'format("%#v", "s")',
    k: 'format("%e", 12345.678)',
    l: 'format("%g", 0.5)',
    m: 'format("%v", 1.5)',
    n: 'format("%s", 12)',
  }),
  expressions('collections', {
    a: 'jsonencode(concat(["a"], ["b", "c"]))',
    b: 'jsonencode(flatten([["a"], [["b"], "c"]]))',
    c: 'jsonencode(distinct(["a", "b", "a"]))',
    d: 'jsonencode(compact(["a", "", "b"]))',
    e: 'contains(["a", "b"], "b")',
    f: 'coalesce(null, "", "x")',
    g: 'jsonencode(coalescelist([], ["a"]))',
    h: 'jsonencode(chunklist(["a", "b", "c"], 2))',
    i: 'element(["a", "b"], 3)',
    j: 'index(["a", "b"], 1)',
    k: 'indexof(["a", "b"], "b")',
    l: 'hasindex(["a"], 1)',
    m: 'jsonencode(keys({b = 1, a = 2}))',
    n: 'jsonencode(values({b = 1, a = 2}))',
    o: 'lookup({a = "x"}, "b", "none")',
    p: 'jsonencode(zipmap(["a", "b"], [1, 2]))',
    q: 'jsonencode(range(3))',
    r: 'jsonencode(range(1, 7, 2))',
    s: 'jsonencode(reverselist(["a", "b"]))',
    t: 'jsonencode(slice(["a", "b", "c"], 1, 3))',
    u: 'jsonencode(sort(["b", "a", "C"]))',
    v: 'length(convert({a = 1, b = 2}, map(number)))',
    w: 'length(["a"])',
    x: 'jsonencode(setproduct(["a", "b"], ["x", "y"]))',
    y: 'jsonencode(setunion(["b"], ["a", "b"]))',
    z: 'jsonencode(setintersection(["b", "a"], ["a"]))',
    za: 'jsonencode(setsubtract(["c", "b", "a"], ["b"]))',
    zb: 'sethaselement(["a"], "a")',
    zc: 'jsonencode(setsymmetricdifference(["a", "b"], ["b", "c"]))',
    zd: 'jsonencode(range(5, 1))',
  }),
  expressions('encodings', {
    a: 'base64encode("héllo")',
    b: 'base64decode("aMOpbGxv")',
    c: 'md5("a")',
    d: 'sha1("a")',
    e: 'sha256("a")',
    f: 'sha512("a")',
    g: 'jsondecode("{\\"a\\": [1, \\"x\\"]}").a[1]',
    h: 'jsonencode({a = "<b>&", c = [true, null, 1.5]})',
    i: 'csvdecode("a,b\\n1,2\\n3,\\"4,5\\"")[1].b',
    j: 'uuidv5("dns", "example.com")',
  }),
  expressions('times', {
    a: 'formatdate("YYYY-MM-DD hh:mm:ss ZZZ", "2026-01-02T03:04:05Z")',
    b: 'formatdate("EEEE, DD-MMM-YY HH:mm AA", "2026-11-25T15:04:05+01:00")',
    c: 'formattimestamp("D MMMM YYYY h:m:s Z", 1700000000)',
    d: 'formattimestamp("X", "2026-01-02T03:04:05Z")',
    e: 'timeadd("2026-01-02T03:04:05Z", "1h30m")',
    f: 'unixtimestampparse(1700000000).rfc3339',
    g: 'unixtimestampparse(1700000000).month_name',
    h: 'jsonencode(unixtimestampparse(1704067199))',
    i: 'formatdate("\'on\' YYYY", "2026-01-02T03:04:05Z")',
    j: 'formatdate("EEE M ZZZZ ZZZZZ aa", "2026-01-02T13:04:05+05:30")',
  }),
  expressions('versions', {
    a: 'semvercmp("1.2.3", ">= 1.2")',
    b: 'semvercmp("1.2.3", "^1.1")',
    c: 'semvercmp("2.0.0", "^1.1")',
    d: 'semvercmp("1.2.3", "~1.2.0")',
    e: 'semvercmp("1.3.0", "~1.2")',
    f: 'semvercmp("1.2.3-beta.1", ">= 1.0")',
    g: 'semvercmp("1.2.3-beta.1", ">= 1.2.3-alpha")',
    h: 'semvercmp("v1.5", "1.x")',
    i: 'semvercmp("1.5.0", ">1.2, <1.4 || 1.5")',
    j: 'semvercmp("1.4.9", "1.2 - 1.4")',
    k: 'semvercmp("0.2.5", "^0.2.3")',
    l: 'semvercmp("0.3.0", "^0.2.3")',
    m: 'semvercmp("1.2.3", "!= 1.2.3")',
    n: 'semvercmp("1.2.9", ">1.2")',
    o: 'semvercmp("1.2.9", "<=1.2")',
  }),
  expressions('try-and-can', {
    a: 'try({}.a, "none")',
    b: 'can({}.a)',
    c: 'can({a = 1}.a)',
    d: 'try(element([], 0), "empty")',
    e: 'convert("5", number) + 1',
    f: 'jsonencode(convert(["1", 2], list(string)))',
    g: 'jsonencode(convert(["b", "a", "b"], set(string)))',
    h: 'jsonencode(convert({a = 1}, map(string)))',
    i: 'jsonencode(convert({a = 1, b = 2}, object({a = string})))',
  }),
]
