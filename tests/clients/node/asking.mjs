// What all of them ask.
export const KEY = "sk-clients";
export const MODEL = "tiny";
export const question = (topic) => `How is ${topic} sent?`;

export const weather = {
  name: "weather",
  description: "The weather at a place",
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
};
export const person = {
  type: "object",
  properties: { name: { type: "string", enum: ["Ada"] } },
  required: ["name"],
  additionalProperties: false,
};

export async function all(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

// One client for a URL: its connections are used again.
export function remembering(make) {
  const made = new Map();
  return (url) => {
    if (!made.has(url)) made.set(url, make(url));
    return made.get(url);
  };
}
