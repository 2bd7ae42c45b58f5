package meshwork.openai;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;
import tools.jackson.databind.JsonNode;

/**
 * Reads how tokens are to be picked. What the request doesn't say is as OpenAI has it: temperature 1 and nothing else, so that the
 * model's own distribution is drawn from. llama-server's further parameters are known by its names and apply when they are
 * given, in the order of its default chain; its defaults (top_k 40, top_p 0.95, min_p 0.05) do not.
 */
final class Sampling {

	/** llama.cpp takes this one to mean any seed. */
	private static final long ANY_SEED = 0xFFFF_FFFFL;

	private static final float MANY = Float.MAX_VALUE;

	private Sampling() {
	}

	/** @param grammar of the output, if it may not be any text */
	static SamplerOptions read(Fields fields, Optional<String> grammar) {
		float temperature = fields.number("temperature", 0, MANY).orElse(1f);
		var stages = new ArrayList<Stage>();
		bias(fields, stages);
		grammar.ifPresent(gbnf -> stages.add(new Stage.Grammar(gbnf)));
		penalties(fields, stages);
		if (temperature > 0) {
			narrowing(fields, stages);
			stages.add(new Stage.Temperature(temperature, fields.number("dynatemp_range", 0, MANY).orElse(0f),
					fields.number("dynatemp_exponent", 0, MANY).orElse(1f)));
			mirostat(fields, stages);
		} else if (!stages.isEmpty()) {
			stages.add(new Stage.Temperature(0));
		}
		return new SamplerOptions(stages, seed(fields));
	}

	/** The same seed gives the same tokens; none, or −1, gives others each time. */
	private static long seed(Fields fields) {
		return fields.whole("seed").filter(seed -> seed != -1 && seed != ANY_SEED)
				.orElseGet(() -> ThreadLocalRandom.current().nextLong(ANY_SEED));
	}

	/** {@code {"token": bias}} as OpenAI has it, or {@code [[token, bias]]}; false for a bias bans the token. */
	private static void bias(Fields fields, List<Stage> stages) {
		var biases = new HashMap<Integer, Float>();
		fields.any("logit_bias").ifPresent(node -> {
			if (node.isObject())
				node.properties().forEach(entry -> biases.put(token(fields, entry.getKey()), bias(fields, entry.getValue())));
			else if (node.isArray())
				for (JsonNode pair : node.values()) {
					if (!pair.isArray() || pair.size() != 2)
						throw fields.wrong("logit_bias", "has to have pairs of a token and a bias");
					biases.put(token(fields, pair.get(0).asString()), bias(fields, pair.get(1)));
				}
			else
				throw fields.type("logit_bias", "an object", node);
		});
		if (!biases.isEmpty())
			stages.add(new Stage.Bias(biases));
	}

	private static int token(Fields fields, String token) {
		try {
			return Integer.parseUnsignedInt(token);
		} catch (NumberFormatException e) {
			throw fields.wrong("logit_bias", "names the token '%s': tokens are numbers".formatted(token));
		}
	}

	private static float bias(Fields fields, JsonNode bias) {
		if (bias.isBoolean() && !bias.booleanValue())
			return Float.NEGATIVE_INFINITY;
		if (!bias.isNumber() || Math.abs(bias.doubleValue()) > 100)
			throw fields.wrong("logit_bias", "has the bias %s: it has to be a number from -100 to 100".formatted(bias));
		return (float) bias.doubleValue();
	}

	/** OpenAI's penalties look at the whole text, llama.cpp's own at the last 64 tokens unless it is told otherwise. */
	private static void penalties(Fields fields, List<Stage> stages) {
		float frequency = fields.number("frequency_penalty", -2, 2).orElse(0f);
		float presence = fields.number("presence_penalty", -2, 2).orElse(0f);
		float repeat = fields.number("repeat_penalty", 0, MANY).orElse(1f);
		int last = fields.integer("repeat_last_n", -1, Integer.MAX_VALUE).orElse(repeat == 1 ? -1 : 64);
		if (last != 0 && (frequency != 0 || presence != 0 || repeat != 1))
			stages.add(new Stage.Penalties(last, repeat, frequency, presence));
		float dry = fields.number("dry_multiplier", 0, MANY).orElse(0f);
		List<String> breakers = fields.has("dry_sequence_breakers") ? fields.texts("dry_sequence_breakers") : List.of("\n", ":", "\"", "*");
		if (dry > 0)
			stages.add(new Stage.Dry(dry, fields.number("dry_base", 1, MANY).orElse(1.75f), fields.integer("dry_allowed_length", 0,
					Integer.MAX_VALUE).orElse(2), fields.integer("dry_penalty_last_n", -1, Integer.MAX_VALUE).orElse(-1), breakers));
	}

	private static void narrowing(Fields fields, List<Stage> stages) {
		int keep = fields.integer("min_keep", 0, Integer.MAX_VALUE).orElse(1);
		fields.number("top_n_sigma", -1, MANY).filter(n -> n > 0).ifPresent(n -> stages.add(new Stage.TopNSigma(n)));
		fields.integer("top_k", -1, Integer.MAX_VALUE).filter(k -> k > 0).ifPresent(k -> stages.add(new Stage.TopK(k)));
		fields.number("typical_p", 0, 1).filter(p -> p < 1).ifPresent(p -> stages.add(new Stage.Typical(p, keep)));
		fields.number("top_p", 0, 1).filter(p -> p < 1).ifPresent(p -> stages.add(new Stage.TopP(p, keep)));
		fields.number("min_p", 0, 1).filter(p -> p > 0).ifPresent(p -> stages.add(new Stage.MinP(p, keep)));
		fields.number("xtc_probability", 0, 1).filter(p -> p > 0).ifPresent(p -> stages.add(new Stage.Xtc(p,
				fields.number("xtc_threshold", 0, 1).orElse(0.1f), keep)));
	}

	private static void mirostat(Fields fields, List<Stage> stages) {
		fields.integer("mirostat", 0, 2).filter(version -> version > 0).ifPresent(version -> stages.add(new Stage.Mirostat(version,
				fields.number("mirostat_tau", 0, MANY).orElse(5f), fields.number("mirostat_eta", 0, MANY).orElse(0.1f))));
	}
}
