/** A newsroom whose page has something of everything: every kind of question, somebody who is away, other channels. */

import { type Day, dayOf } from "../../envelope/day.ts"
import type { Id } from "../../envelope/names.ts"
import type { Callout, Month } from "../../keyring/callout.ts"
import type { Policy } from "../../keyring/keyring.ts"
import { makeNewsroom, POLICY, type TestNewsroom } from "../support/newsroom.ts"

const id = (text: string) => text as Id

export const CALLOUT: Callout = {
  id: id("amazon-layoffs"),
  title: "Affected by the layoffs?",
  lang: "en",
  why: "Nobody has said how many people were let go, in which teams and where. Together your answers can show it.",
  next: "We count the answers, check them with others, and write about what holds. That can take weeks.",
  questions: [
    {
      id: id("team"),
      kind: "range",
      label: "How many people in your team were let go?",
      why: "A rough number is enough.",
      bands: [
        { id: id("none"), from: 0, to: 0 },
        { id: id("few"), from: 1, to: 9 },
        { id: id("some"), from: 10, to: 1_999 },
        { id: id("many"), from: 2_000 },
      ],
    },
    {
      id: id("notice"),
      kind: "one",
      label: "How were you told?",
      options: [
        { id: id("mail"), label: "By mail" },
        { id: id("call"), label: "In a call" },
        { id: id("not"), label: "Not yet" },
      ],
    },
    {
      id: id("organisation"),
      kind: "several",
      label: "Which organisations are affected?",
      options: [
        { id: id("aws"), label: "AWS" },
        { id: id("devices"), label: "Devices" },
        { id: id("stores"), label: "Stores" },
      ],
    },
    { id: id("where"), kind: "place", label: "In which country?" },
    { id: id("role"), kind: "short", label: "What kind of work does the team do?" },
    { id: id("reason"), kind: "long", label: "What reason were you given?" },
    { id: id("when"), kind: "months", label: "When were people told?", first: "2025-11" as Month, last: "2026-12" as Month },
  ],
}

export const CHANNELS = [
  { name: "Post", address: "The Daily Test, 1 Test Street", drawback: "slow; leave out your own address" },
  { name: "Signal", address: "dailytest.01", drawback: "needs an app and a phone number" },
]

/** Version 3: Reporters one and two read, three is away. */
export async function makeDesk(
  today: Day = dayOf(Date.now()),
  policy: Policy = POLICY,
): Promise<{ newsroom: TestNewsroom; answer: () => Promise<string> }> {
  const newsroom = await makeNewsroom({ today, policy, reporters: ["one", "two", "three"] })
  const names = ["Reporter One", "Reporter Two", "Reporter Three"]
  const beats = ["Labour and tech", "Cloud companies", "Courts"]
  const { newsroom: own, reporters } = newsroom.chain[1] as (typeof newsroom.chain)[number]
  await newsroom.next({
    newsroom: { ...own, channels: CHANNELS },
    reporters: reporters.map((reporter, index) => ({ ...reporter, name: names[index] ?? "", beat: beats[index] ?? "" })),
    callouts: [CALLOUT],
  })
  const answer = async () => {
    const notes = await Promise.all(newsroom.reporters.slice(0, 2).map((reporter) => newsroom.dayNote(reporter, today)))
    return todayAnswer(
      today,
      newsroom.chain.map(({ source }) => source),
      notes,
    )
  }
  return { newsroom: { ...newsroom, pinned: { ...newsroom.pinned, channels: CHANNELS } }, answer }
}

/** The body of `/api/today`, filled up as the server does it. */
export function todayAnswer(day: string, keyrings: readonly string[], days: readonly string[]): string {
  const text = JSON.stringify({ format: "sotto-today/1", day, keyrings, days })
  return text.padEnd(2 ** Math.max(15, Math.ceil(Math.log2(text.length))), " ")
}
