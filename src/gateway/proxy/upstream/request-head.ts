/** Writes the head of a request to an HTTP/1 backend. */
import type { UpstreamRequest } from './upstream.ts'

/** Methods whose requests say that they have no body (RFC 9110 section 8.6). */
const usuallyWithBody = new Set(['POST', 'PUT', 'PATCH'])

/** Values are free of line ends: they come from parsers that refuse them, or from configuration that was checked. */
export function writeRequestHead(request: UpstreamRequest): string {
  const { method, headers, body, upgrade } = request
  let head = `${method} ${request.path} HTTP/1.1\r\nhost: ${request.authority}\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  if (upgrade !== undefined) head += `connection: Upgrade\r\nupgrade: ${upgrade}\r\n`
  if (body === 'chunked') return `${head}transfer-encoding: chunked\r\n\r\n`
  if (body > 0 || usuallyWithBody.has(method)) head += `content-length: ${body}\r\n`
  return `${head}\r\n`
}
