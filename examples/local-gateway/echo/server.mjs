// Answers every request with what it was: `node server.mjs [port]`.
import { createServer } from 'node:http'
import { hostname } from 'node:os'

const port = Number(process.argv[2] ?? process.env.PORT ?? 7001)

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const { method, url: path, httpVersion, headers } = request
    const body = Buffer.concat(chunks).toString()
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      `${JSON.stringify({ server: hostname(), method, path, httpVersion, headers, body }, undefined, 2)}\n`,
    )
  })
})

server.listen(port, () => process.stdout.write(`echo on port ${server.address().port}\n`))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
process.on('SIGINT', () => process.exit(0))
