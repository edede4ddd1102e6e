import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const binaries = ['chromium', 'chromium-browser', 'google-chrome']

/** A headless Chromium of the system; playwright-core brings none. */
export async function launchBrowser(): Promise<Browser> {
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]
  const executablePath = folders
    .flatMap((dir) => binaries.map((name) => join(dir, name)))
    .find((path) => existsSync(path))
  if (!executablePath) throw new Error(`no Chromium on the PATH: install one of ${binaries.join(', ')}`)
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
