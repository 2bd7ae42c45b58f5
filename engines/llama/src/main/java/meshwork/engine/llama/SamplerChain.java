package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.engine.SessionOptions;
import meshwork.api.engine.StageRejected;

/** Builds native sampler chains. What would end the process there is refused here. */
final class SamplerChain {

	/** Tokens that mirostat 1 estimates from; the paper's value. */
	private static final int MIROSTAT_TOKENS = 100;

	/** {@code LLAMA_DEFAULT_SEED}: "take any". */
	private static final int ANY_SEED = -1;

	private final LlamaLibrary library;
	private final Llama calls;
	private final MemorySegment vocab;
	private final int vocabulary;
	private final int context;

	SamplerChain(LlamaModel model, SessionOptions session) {
		library = model.library;
		calls = library.calls;
		vocab = model.vocabulary().pointer;
		vocabulary = model.vocabulary().size();
		context = session.context();
	}

	/** A chain of the stages, grammars left out, that ends with a choice. */
	MemorySegment build(SamplerOptions options) {
		try (Arena arena = Arena.ofConfined()) {
			// all stages before the chain: a refused one must leave nothing behind
			List<Stage> stages = options.stages();
			stages.forEach(this::usable);
			int seed = seed(options.seed());
			MemorySegment chain = calls.llama_sampler_chain_init(library.allocate("llama_sampler_chain_params", arena).fill((byte) 1));
			for (Stage stage : stages)
				if (!(stage instanceof Stage.Grammar))
					calls.llama_sampler_chain_add(chain, stage(stage, seed, arena));
			if (stages.isEmpty() || stages.stream().anyMatch(SamplerChain::greedy))
				calls.llama_sampler_chain_add(chain, calls.llama_sampler_init_greedy());
			else if (stages.stream().noneMatch(Stage.Mirostat.class::isInstance))
				calls.llama_sampler_chain_add(chain, calls.llama_sampler_init_dist(seed));
			return chain;
		}
	}

	private static boolean greedy(Stage stage) {
		return stage instanceof Stage.Temperature temperature && temperature.temperature() <= 0;
	}

	/** Small seeds stay what they are, and the upper half of large ones counts; the one that means "any" is another one. */
	private static int seed(long seed) {
		int folded = (int) seed ^ Integer.reverse((int) (seed >>> Integer.SIZE));
		return folded == ANY_SEED ? 0 : folded;
	}

	private MemorySegment stage(Stage stage, int seed, Arena arena) {
		return switch (stage) {
			case Stage.Bias(var bias) -> calls.llama_sampler_init_logit_bias(vocabulary, bias.size(), biases(bias, arena));
			case Stage.Penalties(int last, float repeat, float frequency, float presence) ->
				calls.llama_sampler_init_penalties(vocabulary, last(last), repeat, frequency, presence);
			case Stage.Dry(float multiplier, float base, int allowed, int last, var breakers) -> calls.llama_sampler_init_dry(vocab,
					multiplier, base, allowed, last(last), strings(breakers, arena), breakers.size());
			case Stage.TopNSigma(float n) -> calls.llama_sampler_init_top_n_sigma(n);
			case Stage.TopK(int k) -> calls.llama_sampler_init_top_k(k);
			case Stage.Typical(float p, int keep) -> calls.llama_sampler_init_typical(p, keep);
			case Stage.TopP(float p, int keep) -> calls.llama_sampler_init_top_p(p, keep);
			case Stage.MinP(float p, int keep) -> calls.llama_sampler_init_min_p(p, keep);
			case Stage.Xtc(float probability, float threshold, int keep) ->
				calls.llama_sampler_init_xtc(probability, threshold, keep, seed);
			case Stage.Temperature(float temperature, float range, float exponent) ->
				calls.llama_sampler_init_temp_ext(temperature, range, exponent);
			case Stage.Mirostat(int version, float tau, float eta) -> version == 1
					? calls.llama_sampler_init_mirostat(vocabulary, seed, tau, eta, MIROSTAT_TOKENS)
					: calls.llama_sampler_init_mirostat_v2(seed, tau, eta);
			case Stage.Grammar _ -> throw new IllegalArgumentException("a grammar is no link of the chain");
		};
	}

	private void usable(Stage stage) {
		try {
			check(stage);
		} catch (IllegalArgumentException e) {
			throw new StageRejected(stage, e);
		}
	}

	private void check(Stage stage) {
		switch (stage) {
			case Stage.Bias(var bias) -> bias.forEach((token, value) -> {
				if (token < 0 || token >= vocabulary || Float.isNaN(value))
					throw new IllegalArgumentException("bias " + value + " for token " + token + " in a vocabulary of " + vocabulary);
			});
			case Stage.Penalties(int last, float repeat, float frequency, float presence) -> {
				if (last < -1 || !(repeat > 0) || !Float.isFinite(repeat + frequency + presence))
					throw new IllegalArgumentException("penalties " + stage + ": repeat is above 0, all are finite");
			}
			case Stage.Dry(float multiplier, float base, int allowed, int last, var _) -> {
				if (last < -1 || allowed < 0 || !Float.isFinite(multiplier + base))
					throw new IllegalArgumentException("DRY " + stage);
			}
			case Stage.Typical(float _, int keep) -> checkKeep(stage, keep);
			case Stage.TopP(float _, int keep) -> checkKeep(stage, keep);
			case Stage.MinP(float _, int keep) -> checkKeep(stage, keep);
			case Stage.Xtc(float _, float _, int keep) -> checkKeep(stage, keep);
			case Stage.Temperature(float temperature, float range, float exponent) -> {
				if (!Float.isFinite(temperature + range + exponent))
					throw new IllegalArgumentException("temperature " + stage);
			}
			case Stage.Mirostat(int version, float tau, float eta) -> {
				if (version != 1 && version != 2 || !Float.isFinite(tau + eta))
					throw new IllegalArgumentException("mirostat " + stage + ": there are versions 1 and 2");
			}
			case Stage.TopNSigma _, Stage.TopK _, Stage.Grammar _ -> {
			}
		}
	}

	private static void checkKeep(Stage stage, int keep) {
		if (keep < 0)
			throw new IllegalArgumentException(stage + " keeps less than nothing");
	}

	/** How far back a stage looks: −1 is the whole context. */
	private int last(int last) {
		return last < 0 ? context : Math.min(last, context);
	}

	private MemorySegment biases(Map<Integer, Float> bias, Arena arena) {
		long size = library.release.struct("llama_logit_bias").byteSize();
		MemorySegment values = arena.allocate(library.release.struct("llama_logit_bias"), bias.size());
		long at = 0;
		for (var entry : bias.entrySet()) {
			values.set(JAVA_INT, at, entry.getKey());
			values.set(JAVA_FLOAT, at + library.release.offset("llama_logit_bias", "bias"), entry.getValue());
			at += size;
		}
		return values;
	}

	private static MemorySegment strings(List<String> strings, Arena arena) {
		MemorySegment pointers = arena.allocate(ADDRESS, strings.size());
		for (int i = 0; i < strings.size(); i++)
			pointers.setAtIndex(ADDRESS, i, arena.allocateFrom(strings.get(i)));
		return pointers;
	}
}
