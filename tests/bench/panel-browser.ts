import english from '../../public/_locales/en/messages.json'

type Listener = (...args: unknown[]) => void
/** An event as the browser's extension interface has them. */
export function event() {
  const listeners = new Set<Listener>()
  return {
    addListener: (listener: Listener) => listeners.add(listener),
    removeListener: (listener: Listener) => listeners.delete(listener),
    fire: (...args: unknown[]) => {
      for (const listener of listeners) listener(...args)
    },
  }
}

/** The panel's words, in English. */
export function getMessage(key: string, substitutions: string | string[] = []): string {
  if (key === 'localeDirection') return new URLSearchParams(location.search).get('dir') ?? 'ltr'
  const entry: { message: string; placeholders?: Record<string, { content: string }> } | undefined =
    english[key as keyof typeof english]
  const values = [substitutions].flat()
  return (entry?.message ?? '').replace(
    /\$(\w+)\$/g,
    (_, name: string) =>
      values[Number(entry?.placeholders?.[name.toLowerCase()]?.content.slice(1)) - 1] ?? '',
  )
}

/** A storage area that forgets everything with the page. */
export function area() {
  const kept = new Map<string, unknown>()
  return {
    get: async (key: string) => (kept.has(key) ? { [key]: kept.get(key) } : {}),
    set: async (items: Record<string, unknown>) => {
      for (const [key, value] of Object.entries(items)) kept.set(key, value)
    },
    remove: async (key: string) => void kept.delete(key),
    onChanged: event(),
  }
}
