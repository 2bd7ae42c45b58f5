package meshwork.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import meshwork.api.inference.Activity;
import meshwork.api.inference.Activity.Done;
import meshwork.api.inference.Activity.Times;

/** The figures of each model: llama-server's under its names, so that its dashboards work, and ours. */
final class ModelMetrics implements MultiCollector {

	private final Supplier<List<Activity>> activity;

	ModelMetrics(Supplier<List<Activity>> activity) {
		this.activity = activity;
	}

	@Override
	public MetricSnapshots collect() {
		List<Activity> now = activity.get();
		return now.isEmpty() ? new MetricSnapshots() : new Snapshot(now).collect();
	}

	/** What all models do at one moment. */
	private record Snapshot(List<Activity> models, List<MetricSnapshot> metrics) {

		Snapshot(List<Activity> models) {
			this(models, new ArrayList<>());
		}

		MetricSnapshots collect() {
			asLlamaServer();
			counter("meshwork_cached_prompt_tokens", "Tokens of prompts that had not to be computed", done(Done::cachedTokens));
			outcomes();
			gauge("meshwork_places", "Sequences that are decoded at once", Activity::places);
			gauge("meshwork_running", "Sequences that are decoded now", each -> each.running().size());
			gauge("meshwork_waiting", "Requests that wait for a place", Activity::waiting);
			gauge("meshwork_kv_cells", "Tokens that there is room for", each -> each.memory().cells());
			gauge("meshwork_kv_cells_used", "Tokens that running sequences hold", each -> each.memory().usedCells());
			gauge("meshwork_kv_cells_kept", "Tokens kept of earlier prompts", each -> each.memory().keptCells());
			gauge("meshwork_kv_sequences_kept", "Earlier prompts that are kept", each -> each.memory().sequences());
			gauge("meshwork_kv_saved_bytes", "What is kept outside the engine, in memory", each -> each.memory().savedBytes());
			histogram("meshwork_queue_seconds", "How long requests waited for a place", Done::queued);
			histogram("meshwork_first_token_seconds", "From a request to its first token", Done::firstToken);
			histogram("meshwork_next_token_seconds", "From one token of a choice to its next", Done::nextToken);
			histogram("meshwork_request_seconds", "From a request to its last token", Done::whole);
			return new MetricSnapshots(metrics);
		}

		private void asLlamaServer() {
			counter("llamacpp:prompt_tokens", "Number of prompt tokens processed", done(Done::promptTokens));
			counter("llamacpp:prompt_seconds", "Prompt process time", done(Done::prompt_s));
			gauge("llamacpp:prompt_tokens_seconds", "Average prompt throughput in tokens/s", done(it -> per(it.promptTokens(), it.prompt_s())));
			counter("llamacpp:tokens_predicted", "Number of generation tokens processed", done(Done::generatedTokens));
			counter("llamacpp:tokens_predicted_seconds", "Predict process time", done(Done::generation_s));
			gauge("llamacpp:predicted_tokens_seconds", "Average generation throughput in tokens/s",
					done(it -> per(it.generatedTokens(), it.generation_s())));
			gauge("llamacpp:requests_processing", "Number of requests processing", each -> each.running().size());
			gauge("llamacpp:requests_deferred", "Number of requests deferred", Activity::waiting);
			gauge("llamacpp:n_tokens_max", "Largest observed number of tokens of a sequence", done(Done::longest));
			counter("llamacpp:n_decode", "Number of decodes", done(Done::steps));
			gauge("llamacpp:n_busy_slots_per_decode", "Average number of busy places per decode", done(it -> per(it.busyPlaces(), it.steps())));
			gauge("llamacpp:kv_cache_usage_ratio", "KV-cache usage; 1 is all of it", each -> per(each.memory().usedCells(), each.memory().cells()));
			gauge("llamacpp:kv_cache_tokens", "KV-cache tokens", each -> each.memory().usedCells());
		}

		private void outcomes() {
			var counter = CounterSnapshot.builder().name("meshwork_requests").help("Requests to a model that ended, and how");
			for (Activity each : models) {
				Done done = each.done();
				outcome(counter, each, "completed", done.requests() - done.cancelled() - done.failed());
				outcome(counter, each, "cancelled", done.cancelled());
				outcome(counter, each, "failed", done.failed());
			}
			metrics.add(counter.build());
		}

		private static void outcome(CounterSnapshot.Builder counter, Activity model, String outcome, long count) {
			counter.dataPoint(CounterDataPointSnapshot.builder().labels(Labels.of("model", model.model(), "outcome", outcome)).value(count).build());
		}

		private static ToDoubleFunction<Activity> done(ToDoubleFunction<Done> figure) {
			return each -> figure.applyAsDouble(each.done());
		}

		private static double per(double a, double b) {
			return b == 0 ? 0 : a / b;
		}

		private void counter(String name, String help, ToDoubleFunction<Activity> figure) {
			var counter = CounterSnapshot.builder().name(name).help(help);
			for (Activity each : models)
				counter.dataPoint(CounterDataPointSnapshot.builder().labels(model(each)).value(figure.applyAsDouble(each)).build());
			metrics.add(counter.build());
		}

		private void gauge(String name, String help, ToDoubleFunction<Activity> figure) {
			var gauge = GaugeSnapshot.builder().name(name).help(help);
			for (Activity each : models)
				gauge.dataPoint(GaugeDataPointSnapshot.builder().labels(model(each)).value(figure.applyAsDouble(each)).build());
			metrics.add(gauge.build());
		}

		private void histogram(String name, String help, Function<Done, Times> figure) {
			var histogram = HistogramSnapshot.builder().name(name).help(help);
			for (Activity each : models) {
				Times times = figure.apply(each.done());
				double[] bounds = Arrays.copyOf(times.most_s(), times.most_s().length + 1);
				bounds[bounds.length - 1] = Double.POSITIVE_INFINITY;
				histogram.dataPoint(HistogramDataPointSnapshot.builder().labels(model(each))
						.classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, times.counts())).sum(times.sum_s()).build());
			}
			metrics.add(histogram.build());
		}

		private static Labels model(Activity activity) {
			return Labels.of("model", activity.model());
		}
	}
}
