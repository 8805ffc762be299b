import { expect, test } from "@jest/globals"
import { splitWords } from "../../keyring/split-words.ts"

test.each([
  ["acid, banana; cherry", ["acid", "banana", "cherry"]],
  ["acid، banana؛ cherry", ["acid", "banana", "cherry"]],
  ["acid， banana、cherry；", ["acid", "banana", "cherry"]],
  ["1. Acid\n2) BANANA\n3: cherry.", ["acid", "banana", "cherry"]],
  ["acid : banana . cherry", ["acid", "banana", "cherry"]],
])("%j is split whatever separates it", (typed, words) => expect(splitWords(typed)).toEqual(words))
