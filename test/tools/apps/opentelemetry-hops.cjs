// Loaded before the application (node --require): the same tracing, with a span for every hop. Its spans go to the standard error, as JSON.
const { exporter } = require('./opentelemetry.cjs')
const { traceHops } = require('limpet/opentelemetry')

traceHops()
process.on('exit', () => {
  const spans = exporter.getFinishedSpans().map((span) => {
    const { spanId: id, traceId: trace } = span.spanContext()
    const { name, attributes, parentSpanContext } = span
    return { name, attributes, id, trace, parent: parentSpanContext?.spanId }
  })
  console.error(`JSON ${JSON.stringify(spans)}`)
})
