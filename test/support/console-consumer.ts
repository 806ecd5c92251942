import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Topic } from '@app/contracts';
import { resolveKafkaJars } from '@app/embedded';
import type { TestBed } from '@app/testing';

/** A message as Kafka's own console consumer prints it. */
export interface ConsoleMessage {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

const separator = '\u001f';

/** All that stands on a topic by now, read with what comes with Kafka and nothing of ours. */
export async function consoleMessages(bed: TestBed, topic: Topic): Promise<ConsoleMessage[]> {
  const jars = await resolveKafkaJars();
  const properties = ['print.key=true', 'print.headers=true', `key.separator=${separator}`];
  const { stdout } = await promisify(execFile)(
    'java',
    [
      ...['-XX:TieredStopAtLevel=1', '-cp', join(jars, '*')],
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...['--bootstrap-server', bed.kafkaBrokers, '--topic', bed.kafkaNamePrefix + topic],
      // It ends by a time without messages alone: by their number it would wait for more.
      ...['--from-beginning', '--timeout-ms', '3000'],
      ...properties.flatMap((property) => ['--formatter-property', property]),
    ],
    { maxBuffer: 1 << 26 },
  );
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [headers, key, value] = line.split(separator) as [string, string, string];
      return { key, headers: headersOf(headers), value };
    });
}

/** From `name:value,name:value`; our values hold no comma. */
function headersOf(printed: string): Record<string, string> {
  return Object.fromEntries(
    printed.split(',').map((header) => {
      const end = header.indexOf(':');
      return [header.slice(0, end), header.slice(end + 1)];
    }),
  );
}
