/** The instructions there are. */
import type { Keyword } from './instruction.ts'

const known: Readonly<Record<Keyword, true>> = {
  ADD: true,
  ARG: true,
  CMD: true,
  COPY: true,
  ENTRYPOINT: true,
  ENV: true,
  EXPOSE: true,
  FROM: true,
  HEALTHCHECK: true,
  LABEL: true,
  MAINTAINER: true,
  ONBUILD: true,
  RUN: true,
  SHELL: true,
  STOPSIGNAL: true,
  USER: true,
  VOLUME: true,
  WORKDIR: true,
}

export const keywords = Object.keys(known) as readonly Keyword[]

export function isKeyword(text: string): text is Keyword {
  return Object.hasOwn(known, text)
}
