/** Asks the server beside it whether it and its database answer: exit code 0 or 1. For a container's health check, which has the same settings. */

import { get } from "node:http"

const { SOTTO_SOCKET, SOTTO_HOST, SOTTO_PORT } = process.env
const place = SOTTO_SOCKET ? { socketPath: SOTTO_SOCKET } : { host: SOTTO_HOST || "127.0.0.1", port: Number(SOTTO_PORT || "8080") }
const asked = get({ ...place, path: "/healthz", timeout: 4_000 }, (answer) => {
  answer.resume()
  process.exitCode = answer.statusCode === 204 ? 0 : 1
})
asked.once("timeout", () => asked.destroy())
asked.once("error", () => {
  process.exitCode = 1
})
