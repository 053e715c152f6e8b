import { expect } from 'vitest'
import type { Line } from '../../scripts/stage/viewer.ts'

interface Screen {
  messages(): Promise<Line[]>
}

/**
 * Waits until all screens show exactly these texts, each once and said, and checks that their order and authors are the same.
 *
 * @returns the texts in that order.
 */
export async function seeAgreement(
  screens: readonly Screen[],
  texts: readonly string[],
  timeout = 15_000,
): Promise<string[]> {
  const read = () =>
    Promise.all(
      screens.map(async (screen) =>
        (await screen.messages()).map(({ author, text, status }) => ({ author, text, status })),
      ),
    )
  const wanted = texts.map((text) => `said: ${text}`).sort()
  await expect
    .poll(
      async () => (await read()).map((lines) => lines.map((line) => `${line.status}: ${line.text}`).sort()),
      {
        timeout,
        interval: 250,
      },
    )
    .toEqual(screens.map(() => wanted))
  const [first = [], ...others] = await read()
  for (const other of others) expect(other).toEqual(first)
  return first.map(({ text }) => text)
}
