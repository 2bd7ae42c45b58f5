package meshwork.api.engine;

import java.util.List;
import java.util.Map;

/**
 * How tokens are picked: stages that each narrow or reweigh what the one before left, then one draw. No stages: the likeliest
 * token, always.
 *
 * @param stages in the order in which they apply
 * @param seed of the draw: the same seed, the same tokens
 */
public record SamplerOptions(List<Stage> stages, long seed) {

	/** The likeliest token, always. */
	public static final SamplerOptions GREEDY = new SamplerOptions(List.of(), 0);

	public SamplerOptions {
		stages = List.copyOf(stages);
	}

	/** One stage of the chain. Parameters are those of llama.cpp's samplers of these names. */
	public sealed interface Stage {

		/** Adds to the logits of some tokens; −∞ bans a token. */
		record Bias(Map<Integer, Float> bias) implements Stage {
			public Bias {
				bias = Map.copyOf(bias);
			}
		}

		/** Makes tokens less likely that were seen among the last ones; {@code last} −1 is the whole context. */
		record Penalties(int last, float repeat, float frequency, float presence) implements Stage {
		}

		/** Makes it less likely that a sequence seen before goes on as it did then (DRY). */
		record Dry(float multiplier, float base, int allowedLength, int last, List<String> breakers) implements Stage {
			public Dry {
				breakers = List.copyOf(breakers);
			}
		}

		/** Keeps logits within n standard deviations of the best. */
		record TopNSigma(float n) implements Stage {
		}

		/** Keeps the k likeliest. */
		record TopK(int k) implements Stage {
		}

		/** Keeps tokens of typical information content, up to this probability mass. */
		record Typical(float p, int keep) implements Stage {
		}

		/** Keeps the likeliest up to this probability mass, at least {@code keep}. */
		record TopP(float p, int keep) implements Stage {
		}

		/** Keeps what is at least this share as likely as the likeliest, at least {@code keep}. */
		record MinP(float p, int keep) implements Stage {
		}

		/** With some probability drops all but the least likely of the tokens above the threshold. */
		record Xtc(float probability, float threshold, int keep) implements Stage {
		}

		/** Divides the logits, by more where the choice is open if {@code range} is above 0; at 0 only the likeliest stays. */
		record Temperature(float temperature, float range, float exponent) implements Stage {
			public Temperature(float temperature) {
				this(temperature, 0, 1);
			}
		}

		/** Draws so that the surprise stays near {@code tau} (mirostat 1 or 2); the last stage where it is used. */
		record Mirostat(int version, float tau, float eta) implements Stage {
		}

		/** Allows only what a grammar (GBNF) allows; with triggers, only after one of them was said. */
		record Grammar(String grammar, String root, List<String> triggerPatterns, List<Integer> triggerTokens) implements Stage {
			public Grammar {
				triggerPatterns = List.copyOf(triggerPatterns);
				triggerTokens = List.copyOf(triggerTokens);
			}

			public Grammar(String grammar) {
				this(grammar, "root", List.of(), List.of());
			}
		}
	}
}
