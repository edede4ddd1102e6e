// Loaded before the application (node --require): the tracing that OpenTelemetry's own pages show, with spans kept in memory.
const { registerInstrumentations } = require('@opentelemetry/instrumentation')
const { ConnectInstrumentation } = require('@opentelemetry/instrumentation-connect')
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { KoaInstrumentation } = require('@opentelemetry/instrumentation-koa')
const { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node')

const exporter = new InMemorySpanExporter()
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register()
registerInstrumentations({
  instrumentations: [
    new HttpInstrumentation(),
    new ExpressInstrumentation(),
    new KoaInstrumentation(),
    new ConnectInstrumentation(),
  ],
})
exports.exporter = exporter
process.on('exit', () => console.error(`${exporter.getFinishedSpans().length} spans`))
