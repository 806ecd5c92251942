import { channelLines } from './channel-lines';
import { effectLines } from './effect-lines';
import type { Lines } from './line';
import { processLines } from './process-lines';

/** docs/logs.md: what the log says, for operators. */
export function logsDocument(): string {
  return `${preface}
${section('From a request to its event, its rows and its message', channelLines)}
${section('From a message to the outcome of an effect', effectLines)}
${section('Processes, engines and their parts', processLines)}`;
}

const preface = `# What the log says

Made from the table that the code logs by (\`libs/observability/src/lines\`): \`npm run generate\`.

One JSON object a line on standard output, \`LOG_LEVEL\` and above. \`npm start\` shows the same to people;
\`LOG_FORMAT=json\` has it show what machines get. Every line has \`time\` (ISO 8601 UTC), \`level\`, \`role\`,
\`context\` (who says it) and \`msg\`, which is the line's name below; further fields as listed, each left
out where it isn't known. No line has a secret, a header, a query or a body.

**What happened to a channel?** Look for its id in the lines of all roles, by time: the event that a request
appended, each projection that applied it, the message, the inbox of each effect, each effect with its
counts, each outcome as an event again, the completion. \`requestId\` is what the caller got in
\`X-Request-Id\`; in everything that follows from that request it is \`correlationId\`. \`eventId\` ties an event
to its message.

Levels: \`error\` wants somebody, \`warn\` may want somebody if it lasts, \`info\` is the story, \`debug\` is what
happens all day. What fails again and again is said once, and once more when it works again. Lines of
libraries (\`Kafka\`, \`jobs\`, Nest) come at \`warn\` or below.
`;

function section(title: string, lines: Lines): string {
  const rows = Object.entries(lines).map(([name, { level, fields, means }]) => {
    const named = fields.map((field) => `\`${field}\``).join(', ');
    return `| ${name} | ${level} | ${named} | ${means} |`;
  });
  return `## ${title}

| line | level | fields | what it means |
|---|---|---|---|
${rows.join('\n')}
`;
}
