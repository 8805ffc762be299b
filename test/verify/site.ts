/** A newsroom whose release is signed, named and served: what there is to check, and what could stand in its place. */

import { join } from "node:path"
import type { Day } from "../../envelope/day.ts"
import { newsroomIdText } from "../../envelope/names.ts"
import { verifyDayNote } from "../../keyring/days.ts"
import type { Keyring } from "../../keyring/keyring.ts"
import { pinAt } from "../../keyring/newsroom.ts"
import { signNote } from "../../keyring/note.ts"
import { parseRelease, type Release } from "../../keyring/release.ts"
import { releaseOf } from "../../scripts/operator/release-of.ts"
import { VERSION } from "../../scripts/version.ts"
import { dayNoteStore } from "../../server/day-notes.ts"
import { loadPage } from "../../server/page.ts"
import { releaseStore } from "../../server/releases.ts"
import { makeNewsroom, type TestNewsroom } from "../support/newsroom.ts"
import { startServer, type TestServer } from "../support/server.ts"
import { type AlteringProxy, startProxy } from "./altering.ts"

export const DIST = join(__dirname, "../../dist")

export interface Site {
  readonly newsroom: TestNewsroom
  readonly server: TestServer
  readonly proxy: AlteringProxy
  readonly release: Release
  /** The printed name. */
  readonly name: string
  stop(): Promise<void>
}

export async function makeSite(today: Day): Promise<Site> {
  const newsroom = await makeNewsroom({ today, rootCount: 3, threshold: 2 })
  const { text } = await releaseOf(DIST, VERSION)
  const release = await parseRelease(await signNote(text, newsroom.roots.slice(0, 2)))
  const [first] = newsroom.chain as [Keyring]
  const named = { version: VERSION, hash: release.hash }
  const pinned = pinAt(
    { id: newsroom.id },
    await newsroom.next({ release: named, newsroom: { ...first.newsroom, channels: newsroom.pinned.channels } }),
  )
  const page = await loadPage(join(DIST, "page"), pinned)
  // Compressed ahead: on a busy machine the first visitor would wait for longer than a test does.
  for (const file of [page.html, ...page.files.values()]) await Promise.all([file.bytes("br"), file.bytes("gzip")])
  const server = await startServer({ ...newsroom, pinned }, today, page)
  await releaseStore(server.database).add(release)
  for (const reporter of newsroom.reporters) {
    const source = await newsroom.dayNote(reporter, today)
    const { key } = await verifyDayNote(source, newsroom.chain, newsroom.id)
    await dayNoteStore(server.database).put([{ key, source }])
  }
  const proxy = await startProxy(server.base)
  return {
    newsroom,
    server,
    proxy,
    release,
    name: newsroomIdText(newsroom.id),
    async stop() {
      await proxy.stop()
      await server.stop()
    },
  }
}
