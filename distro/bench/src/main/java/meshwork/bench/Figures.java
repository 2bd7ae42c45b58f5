package meshwork.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import meshwork.bench.Load.Level;

/**
 * What came out at one level of load.
 *
 * @param seconds from the first request to the end of the last answer
 * @param errors how many requests failed, by reason
 * @param promptTokens of all answered requests, as the other counts
 * @param tokensPerSecond generated tokens over the whole time
 * @param fullTokensPerSecond the same over the time in which as many answers were being generated as there ever were at once: decoding
 *        without its beginning and end
 * @param firstToken_ms from when a request was due to its first text
 * @param nextToken_ms between two pieces of text
 * @param whole_ms from when a request was due to the end of its answer
 * @param ownCpu_s what the load generator itself took of the processors
 */
public record Figures(int concurrency, OptionalDouble rate, double seconds, int requests, Map<String, Long> errors, long promptTokens,
		long cachedTokens, long outputTokens, double requestsPerSecond, double promptTokensPerSecond, double tokensPerSecond,
		double fullTokensPerSecond, Spread firstToken_ms, Spread nextToken_ms, Spread whole_ms, double ownCpu_s) {

	/** How values are spread: exact, none is thrown away. */
	public record Spread(long count, double mean, double p50, double p90, double p99, double max) {

		static Spread of(double[] values) {
			if (values.length == 0)
				return new Spread(0, 0, 0, 0, 0, 0);
			Arrays.sort(values);
			return new Spread(values.length, rounded(Arrays.stream(values).average().orElseThrow()), at(values, 0.5), at(values, 0.9),
					at(values, 0.99), rounded(values[values.length - 1]));
		}

		/** The least value that so large a share of them does not exceed. */
		private static double at(double[] sorted, double share) {
			return rounded(sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)]);
		}
	}

	static Figures of(Level level, List<Sample> samples, long begin, Duration cpu) {
		List<Sample> answered = samples.stream().filter(sample -> sample.failure().isEmpty()).toList();
		double seconds = (samples.stream().mapToLong(Sample::ended).max().orElse(begin) - begin) / 1e9;
		long output = sum(answered, Sample::outputTokens);
		long prompt = sum(answered, Sample::promptTokens);
		return new Figures(level.concurrency(), level.rate(), rounded(seconds), samples.size(),
				samples.stream().flatMap(sample -> sample.failure().stream())
						.collect(Collectors.groupingBy(reason -> reason, TreeMap::new, Collectors.counting())),
				prompt, sum(answered, Sample::cachedTokens), output, rounded(answered.size() / seconds), rounded(prompt / seconds),
				rounded(output / seconds), rounded(full(answered)),
				spread(answered, sample -> (sample.first() - sample.due()) / 1e6),
				Spread.of(answered.stream().flatMapToLong(Figures::gaps).mapToDouble(gap -> gap / 1e6).toArray()),
				spread(answered, sample -> (sample.ended() - sample.due()) / 1e6), rounded(cpu.toNanos() / 1e9));
	}

	private static long sum(List<Sample> samples, ToIntFunction<Sample> value) {
		return samples.stream().mapToLong(value::applyAsInt).sum();
	}

	private static Spread spread(List<Sample> samples, ToDoubleFunction<Sample> value) {
		return Spread.of(samples.stream().mapToDouble(value).toArray());
	}

	private static LongStream gaps(Sample sample) {
		return LongStream.range(1, sample.told().length).map(i -> sample.told()[(int) i] - sample.told()[(int) i - 1]);
	}

	/** Something that happens at a time: an answer begins or ends (+1, -1), or tokens of one come. */
	private record Moment(long at, int answers, double tokens) {
	}

	private static double full(List<Sample> samples) {
		List<Moment> moments = samples.stream().filter(sample -> sample.told().length > 1).flatMap(sample -> {
			double tokens = sample.tokensPerPiece();
			return LongStream.range(0, sample.told().length).mapToObj(i -> new Moment(sample.told()[(int) i],
					i == 0 ? 1 : i == sample.told().length - 1 ? -1 : 0, i == 0 ? 0 : tokens));
		}).sorted(Comparator.comparingLong(Moment::at)).toList();
		int now = 0;
		int most = 0;
		for (Moment moment : moments)
			most = Math.max(most, now += moment.answers());
		now = 0;
		long time = 0;
		double tokens = 0;
		for (int i = 0; i < moments.size(); i++) {
			Moment moment = moments.get(i);
			if (now == most) {
				time += moment.at() - moments.get(i - 1).at();
				tokens += moment.tokens();
			}
			now += moment.answers();
		}
		return time == 0 ? 0 : tokens / (time / 1e9);
	}

	private static double rounded(double value) {
		return Math.round(value * 1000) / 1000.;
	}
}
