/**
 * Cells as few bytes: differences to the cell before, seven bits to a byte (LEB128). Counts of reviews and of latest
 * opinions are written as what they differ from changes. Runs in pages too.
 */
export interface CountedCells {
  readonly length: number
  readonly approver: ArrayLike<number>
  readonly author: ArrayLike<number>
  readonly month: ArrayLike<number>
  readonly changes: ArrayLike<number>
  readonly reviews: ArrayLike<number>
  readonly latest: ArrayLike<number>
}

/** Cells in the order of approver, author and month. */
export function packCells(cells: CountedCells): Uint8Array {
  const bytes: number[] = []
  const put = (value: number): void => {
    for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
    bytes.push(value)
  }
  let [approver, author, month] = [0, 0, -1]
  put(cells.length)
  for (let index = 0; index < cells.length; index++) {
    const isSameApprover = cells.approver[index] === approver
    const isSamePair = isSameApprover && cells.author[index] === author
    put(cells.approver[index]! - approver)
    put(isSameApprover ? cells.author[index]! - author : cells.author[index]!)
    put(isSamePair ? cells.month[index]! - month : cells.month[index]! + 1)
    put(cells.changes[index]!)
    put(zigzag(cells.reviews[index]! - cells.changes[index]!))
    put(zigzag(cells.latest[index]! - cells.changes[index]!))
    approver = cells.approver[index]!
    author = cells.author[index]!
    month = cells.month[index]!
  }
  return Uint8Array.from(bytes)
}

export function unpackCells(bytes: Uint8Array): CountedCells {
  let at = 0
  const take = (): number => {
    let [value, scale] = [0, 1]
    for (; bytes[at]! >= 128; scale *= 128) value += (bytes[at++]! - 128) * scale
    return value + bytes[at++]! * scale
  }
  const length = take()
  const column = () => new Float64Array(length)
  const cells = {
    length,
    approver: column(),
    author: column(),
    month: column(),
    changes: column(),
    reviews: column(),
    latest: column(),
  }
  let [approver, author, month] = [0, 0, -1]
  for (let index = 0; index < length; index++) {
    const nextApprover = take()
    const nextAuthor = take()
    const nextMonth = take()
    const isSameApprover = nextApprover === 0
    const isSamePair = isSameApprover && nextAuthor === 0
    month = isSamePair ? month + nextMonth : nextMonth - 1
    approver += nextApprover
    author = isSameApprover ? author + nextAuthor : nextAuthor
    const changes = take()
    cells.approver[index] = approver
    cells.author[index] = author
    cells.month[index] = month
    cells.changes[index] = changes
    cells.reviews[index] = changes + unzigzag(take())
    cells.latest[index] = changes + unzigzag(take())
  }
  return cells
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2
}
