package meshwork.metrics;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.NanoTime;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import meshwork.api.inference.Activity;
import meshwork.api.inference.Models;

/** {@code GET /metrics}: models, requests and the JVM, as Prometheus reads them. */
@Component(service = { Handler.class, RequestLog.class }, property = "http.path=/metrics")
public final class MetricsEndpoint extends Handler.Abstract implements RequestLog {

	private static final double[] SECONDS = { 0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300 };

	/** What others may send counts as one, so that nobody makes up series. */
	private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS");

	private final PrometheusRegistry registry = new PrometheusRegistry();
	private final ExpositionFormats formats = ExpositionFormats.init();
	private final Counter requests = Counter.builder().name("meshwork_http_requests").help("Requests that were answered")
			.labelNames("method", "path", "status").register(registry);
	private final Histogram took = Histogram.builder().name("meshwork_http_request_seconds").help("From a request to the end of its answer")
			.labelNames("path").classicOnly().classicUpperBounds(SECONDS).register(registry);
	private final AtomicReference<Optional<Models>> models = new AtomicReference<>(Optional.empty());

	public MetricsEndpoint() {
		registry.register(new ModelMetrics(() -> models.get().map(Models::activity).orElseGet(List::<Activity>of)));
		JvmMemoryMetrics.builder().register(registry);
		JvmThreadsMetrics.builder().register(registry);
		JvmGarbageCollectorMetrics.builder().register(registry);
		ProcessMetrics.builder().register(registry);
	}

	@Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
	void set(Models service) {
		models.set(Optional.of(service));
	}

	void unset(Models service) {
		models.updateAndGet(current -> current.filter(each -> each != service));
	}

	/** By the pattern of whoever answered, since paths have names of models and the like in them. */
	@Override
	public void log(Request request, Response response) {
		String path = request.getAttribute("http.route") instanceof String route ? route : "none";
		String method = METHODS.contains(request.getMethod()) ? request.getMethod() : "other";
		requests.labelValues(method, path, Integer.toString(response.getStatus())).inc();
		took.labelValues(path).observe(NanoTime.since(request.getHeadersNanoTime()) / 1e9);
	}

	@Override
	public boolean handle(Request request, Response response, Callback callback) throws IOException {
		if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
			response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
			Response.writeError(request, response, callback, HttpStatus.METHOD_NOT_ALLOWED_405);
			return true;
		}
		String accept = request.getHeaders().get(HttpHeader.ACCEPT);
		ExpositionFormatWriter writer = formats.findWriter(accept);
		var text = new ByteArrayOutputStream(16 << 10);
		writer.write(text, registry.scrape(), EscapingScheme.fromAcceptHeader(accept));
		response.getHeaders().put(HttpHeader.CONTENT_TYPE, writer.getContentType());
		response.write(true, ByteBuffer.wrap(text.toByteArray()), callback);
		return true;
	}
}
