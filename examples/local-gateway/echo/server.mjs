// Answers every request with what it was: `node server.mjs [port]`.
import { createServer } from 'node:http'
import { hostname } from 'node:os'

const port = Number(process.argv[2] ?? process.env.PORT ?? 7001)

const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const { method, url, httpVersion, headers } = request
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(
    `${JSON.stringify({ server: hostname(), method, path: url, httpVersion, headers, body }, undefined, 2)}\n`,
  )
})

server.listen(port, () => console.log(`echo on port ${server.address().port}`))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
process.on('SIGINT', () => process.exit(0))
