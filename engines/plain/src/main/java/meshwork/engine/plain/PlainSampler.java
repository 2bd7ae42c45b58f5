package meshwork.engine.plain;

import java.util.List;

import meshwork.api.engine.Sampler;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;

/** Narrows the candidates stage by stage, likeliest first, and draws one with its own random numbers. */
final class PlainSampler implements Sampler {

	private final List<Stage> stages;
	private long state;
	private int[] ids = {};
	private float[] scores = {};
	private int size;

	PlainSampler(String engine, SamplerOptions options) {
		this(options.stages(), options.seed());
		for (Stage stage : stages)
			switch (stage) {
				case Stage.Bias _, Stage.TopK _, Stage.TopP _, Stage.MinP _ -> {
				}
				case Stage.Temperature(_, var range, _) when range == 0 -> {
				}
				default -> throw new IllegalArgumentException("the engine %s has no sampler stage %s".formatted(engine, stage));
			}
	}

	private PlainSampler(List<Stage> stages, long state) {
		this.stages = stages;
		this.state = state;
	}

	/** The next token. */
	int pick(float[] logits) {
		gather(logits);
		for (Stage stage : stages)
			apply(stage);
		return stages.isEmpty() ? ids[0] : ids[draw()];
	}

	private void gather(float[] logits) {
		size = logits.length;
		if (ids.length < size) {
			ids = new int[size];
			scores = new float[size];
		}
		for (int i = 0; i < size; i++) {
			ids[i] = i;
			scores[i] = logits[i];
		}
		sort();
	}

	private void apply(Stage stage) {
		switch (stage) {
			case Stage.Bias(var bias) -> {
				for (int i = 0; i < size; i++)
					scores[i] += bias.getOrDefault(ids[i], 0f);
				sort();
			}
			case Stage.TopK(var k) -> size = k <= 0 ? size : Math.min(k, size);
			case Stage.TopP(var p, var keep) -> {
				double mass = 0;
				int kept = 0;
				while (kept < size && (kept < Math.max(1, keep) || mass < p))
					mass += probability(kept++);
				size = kept;
			}
			case Stage.MinP(var p, var keep) -> {
				int kept = Math.min(size, Math.max(1, keep));
				while (kept < size && scores[kept] >= scores[0] + Math.log(p))
					kept++;
				size = kept;
			}
			case Stage.Temperature(var temperature, _, _) -> {
				if (temperature <= 0)
					size = 1;
				for (int i = 0; i < size && temperature > 0; i++)
					scores[i] /= temperature;
			}
			default -> throw new IllegalStateException("stage " + stage);
		}
	}

	private double probability(int candidate) {
		double sum = 0;
		for (int i = 0; i < size; i++)
			sum += Math.exp(scores[i] - scores[0]);
		return Math.exp(scores[candidate] - scores[0]) / sum;
	}

	private int draw() {
		double left = random();
		for (int i = 0; i < size - 1; i++) {
			left -= probability(i);
			if (left < 0)
				return i;
		}
		return size - 1;
	}

	/** Likeliest first; of equals the lower token. */
	private void sort() {
		for (int i = 1; i < size; i++) {
			int id = ids[i];
			float score = scores[i];
			int to = i;
			for (; to > 0 && scores[to - 1] < score; to--) {
				ids[to] = ids[to - 1];
				scores[to] = scores[to - 1];
			}
			ids[to] = id;
			scores[to] = score;
		}
	}

	/** SplitMix64, Steele et al. 2014: one number of state, so that a copy draws the same. */
	private double random() {
		long z = state += 0x9e3779b97f4a7c15L;
		z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
		z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
		return ((z ^ z >>> 31) >>> 11) * 0x1p-53;
	}

	@Override
	public void accept(int token) {
		// no stage here looks back
	}

	@Override
	public void replay(int token) {
		if (!stages.isEmpty())
			random();
	}

	@Override
	public Sampler copy() {
		return new PlainSampler(stages, state);
	}

	@Override
	public void close() {
		// holds nothing
	}
}
