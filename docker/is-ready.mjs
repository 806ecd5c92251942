// Ends with 0 when the role that listens on the port (the argument) is ready, and says what it says:
// `docker inspect` shows it. The image has no curl.
const url = `http://127.0.0.1:${process.argv[2]}/health/ready`;
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) });
  console.log(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.log(`${url}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
