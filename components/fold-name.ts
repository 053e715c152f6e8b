/** A name as it is looked for: `@` in front, case and accents do not matter. */
export const foldName = (name: string): string =>
  name.replace(/^@/, '').normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
