package meshwork.runtime;

import java.util.Arrays;

import meshwork.api.inference.Activity.Done;
import meshwork.api.inference.Activity.Times;

/** Counts what a model has done. The decoding thread counts; anybody may look, and sees numbers that are a moment old. */
final class Tally {

	private static final double[] STEPS_s = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};
	private static final double[] WAITS_s = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120};

	long requests;
	long cancelled;
	long failed;
	long promptTokens;
	long cachedTokens;
	long generatedTokens;
	double prompt_s;
	double generation_s;
	long steps;
	long busyPlaces;
	int longest;
	final Histogram queued = new Histogram(WAITS_s);
	final Histogram firstToken = new Histogram(WAITS_s);
	final Histogram nextToken = new Histogram(STEPS_s);
	final Histogram whole = new Histogram(WAITS_s);

	Done done() {
		return new Done(requests, cancelled, failed, promptTokens, cachedTokens, generatedTokens, prompt_s, generation_s, steps, busyPlaces,
				longest, queued.times(), firstToken.times(), nextToken.times(), whole.times());
	}

	/** How long something took, sorted into buckets. */
	static final class Histogram {

		private final double[] most_s;
		private final long[] counts;
		private double sum_s;

		Histogram(double[] most_s) {
			this.most_s = most_s;
			counts = new long[most_s.length + 1];
		}

		void add(long took_ns) {
			double took_s = took_ns / 1e9;
			sum_s += took_s;
			int found = Arrays.binarySearch(most_s, took_s);
			counts[found < 0 ? -found - 1 : found]++;
		}

		Times times() {
			return new Times(most_s.clone(), counts.clone(), sum_s);
		}
	}
}
