/** Where the Navigation API is missing, the address is looked at this often (ms). */
const POLL_MS = 500

/**
 * Calls `onChange` with the page's URL now and after each navigation within the page. Listens only to what the
 * browser itself says: an event of our own on the page would tell its scripts that we are here.
 */
export function watchLocation(signal: AbortSignal, onChange: (url: string) => void): void {
  let seen = ''
  const look = () => {
    if (location.href === seen || signal.aborted) return
    seen = location.href
    onChange(seen)
  }
  if ('navigation' in window) navigation.addEventListener('currententrychange', look, { signal })
  else {
    const timer = setInterval(look, POLL_MS)
    signal.addEventListener('abort', () => clearInterval(timer))
  }
  look()
}
