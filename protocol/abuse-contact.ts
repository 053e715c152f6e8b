import { z } from './schema'

/** Where the operator of a Worker wants to be told of abuse: a page, or an address that a mail program opens. */
export const abuseContactSchema = z
  .string()
  .max(500)
  .regex(/^(https:\/\/|mailto:)[^\s<>"]+$/)
