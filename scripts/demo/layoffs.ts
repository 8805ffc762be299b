/** The callout of the demo: the questions under the story that Sotto began with. */

export const LAYOFFS = {
  id: "amazon-layoffs",
  title: "Affected by the layoffs?",
  lang: "en",
  why: "Know how many affect AWS and where? Let us know, in confidence.",
  next: "We read every tip. We ask before we quote, and we never name anybody without their consent.",
  questions: [
    {
      id: "how-many",
      kind: "range",
      label: "How many people around you are affected?",
      why: "Many small numbers add up to the one the company does not give.",
      bands: [
        { id: "1-9", from: 1, to: 9 },
        { id: "10-49", from: 10, to: 49 },
        { id: "50-199", from: 50, to: 199 },
        { id: "200-or-more", from: 200 },
      ],
    },
    {
      id: "organisation",
      kind: "one",
      label: "Which part of the company?",
      options: [
        { id: "aws", label: "AWS" },
        { id: "stores", label: "Stores and retail" },
        { id: "devices", label: "Devices" },
        { id: "operations", label: "Operations and logistics" },
        { id: "other", label: "Another part" },
      ],
    },
    { id: "where", kind: "place", label: "In which country?", why: "A country is enough. Do not name an office." },
  ],
} as const
