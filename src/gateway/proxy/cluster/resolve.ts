/**
 * Looks names up: the hosts file first, then DNS with its times to live, then the system's own way, which knows search
 * domains and other sources but no times.
 */
import { Resolver, lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import type { Resolve } from './name-watch.ts'

const withoutTtlMs = 5000

export function newResolve(hostsFile = '/etc/hosts'): Resolve {
  const resolver = new Resolver({ timeout: 2000, tries: 2 })
  return async (name) => {
    const written = await fromHosts(hostsFile, name)
    if (written.length > 0) return { addresses: written, ttlMs: withoutTtlMs }
    const answers = await Promise.allSettled([
      resolver.resolve4(name, { ttl: true }),
      resolver.resolve6(name, { ttl: true }),
    ])
    const records = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    if (records.length > 0) {
      const ttl = Math.min(...records.map((record) => record.ttl))
      return { addresses: records.map(({ address }) => address), ttlMs: ttl * 1000 }
    }
    const found = await lookup(name, { all: true })
    return { addresses: found.map(({ address }) => address), ttlMs: withoutTtlMs }
  }
}

async function fromHosts(file: string, name: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const wanted = name.toLowerCase().replace(/\.$/, '')
  return text.split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    return address !== undefined && names.some((known) => known.toLowerCase() === wanted) ? [address] : []
  })
}
