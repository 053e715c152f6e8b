/** Calls `task` once the page is one that somebody sees: browsers load some ahead of a visit that never comes. */
export function whenVisited(task: () => void): void {
  if ('prerendering' in document && document.prerendering === true)
    document.addEventListener('prerenderingchange', () => task(), { once: true })
  else task()
}

/** Calls `task` once all of the page's own markup is there, and before its scripts have changed it. */
export function whenParsed(signal: AbortSignal, task: () => void): void {
  if (document.readyState !== 'loading') task()
  else document.addEventListener('readystatechange', () => task(), { once: true, signal })
}
