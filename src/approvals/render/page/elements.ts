/** Elements of the page by id. */

export function byId<T extends Element = HTMLElement>(id: string): T {
  const found = document.querySelector<T>(`#${id}`)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}

/** The nearest element around an event's target that a selector names. */
export function around(event: Event, selector: string): Element | undefined {
  return event.target instanceof Element ? (event.target.closest(selector) ?? undefined) : undefined
}
