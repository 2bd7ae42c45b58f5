package meshwork.openai;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;
import tools.jackson.databind.JsonNode;

/**
 * Reads how tokens are to be picked. What the request doesn't say is as OpenAI has it: temperature 1 and nothing else, so that the
 * model's own distribution is drawn from. llama-server's further parameters are known by its names and apply when they are
 * given, in the order of its default chain or in that of {@code samplers}; its defaults (top_k 40, top_p 0.95, min_p 0.05) do not.
 */
final class Sampling {

	/** llama.cpp takes this one to mean any seed. */
	private static final long ANY_SEED = 0xFFFF_FFFFL;

	private static final float MANY = Float.MAX_VALUE;

	private Sampling() {
	}

	/** The links of llama-server's chain, in its order, with the letters that it knows them by. */
	private enum Link {
		PENALTIES("e", Sampling::penalties),
		DRY("d", Sampling::dry),
		TOP_N_SIGMA("s", fields -> fields.number("top_n_sigma", -1, MANY).filter(n -> n > 0).map(Stage.TopNSigma::new)),
		TOP_K("k", fields -> fields.integer("top_k", -1, Integer.MAX_VALUE).filter(k -> k > 0).map(Stage.TopK::new)),
		TYP_P("y", fields -> fields.number("typical_p", 0, 1).filter(p -> p < 1).map(p -> new Stage.Typical(p, keep(fields)))),
		TOP_P("p", fields -> fields.number("top_p", 0, 1).filter(p -> p < 1).map(p -> new Stage.TopP(p, keep(fields)))),
		MIN_P("m", fields -> fields.number("min_p", 0, 1).filter(p -> p > 0).map(p -> new Stage.MinP(p, keep(fields)))),
		XTC("x", Sampling::xtc),
		TEMPERATURE("t", fields -> Optional.of(new Stage.Temperature(temperature(fields), fields.number("dynatemp_range", 0, MANY).orElse(0f),
				fields.number("dynatemp_exponent", 0, MANY).orElse(1f))));

		private final String letter;
		private final Function<Fields, Optional<? extends Stage>> reader;

		Link(String letter, Function<Fields, Optional<? extends Stage>> reader) {
			this.letter = letter;
			this.reader = reader;
		}

		/** Reads its parameters; empty if they leave it without effect. */
		Optional<? extends Stage> stage(Fields fields) {
			return reader.apply(fields);
		}

		/** Names are written in several ways. */
		boolean is(String name) {
			String plain = name.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
			return name.equals(letter) || plain.equals(name().toLowerCase(Locale.ROOT).replace("_", "")) || switch (this) {
				case TOP_P -> plain.equals("nucleus");
				case TYP_P -> plain.equals("typ") || plain.equals("typicalp");
				case TEMPERATURE -> plain.equals("temp");
				default -> false;
			};
		}
	}

	/**
	 * @param grammar of the output, if it may not be any text
	 * @param tokens cuts a text into tokens
	 */
	static SamplerOptions read(Fields fields, Optional<String> grammar, Function<String, int[]> tokens) {
		if (fields.number("adaptive_target", -1, 1).filter(target -> target >= 0).isPresent())
			throw fields.unsupported("adaptive_target", "is not supported: use 'min_p' or 'xtc_probability'");
		if (fields.any("lora").filter(adapters -> !adapters.isArray() || !adapters.isEmpty()).isPresent())
			throw fields.unsupported("lora", "is not supported yet by this node");
		boolean greedy = temperature(fields) == 0;
		var stages = new ArrayList<Stage>();
		bias(fields, tokens).ifPresent(stages::add);
		grammar.ifPresent(gbnf -> stages.add(new Stage.Grammar(gbnf)));
		for (Link link : chain(fields))
			link.stage(fields).filter(_ -> !greedy || link == Link.PENALTIES || link == Link.DRY).ifPresent(stages::add);
		mirostat(fields).filter(_ -> !greedy).ifPresent(stages::add);
		if (greedy ? !stages.isEmpty() : stages.isEmpty())
			stages.add(new Stage.Temperature(greedy ? 0 : 1));
		return new SamplerOptions(stages, seed(fields));
	}

	/** {@code samplers}: names in an array, or letters in a string. */
	private static List<Link> chain(Fields fields) {
		Optional<JsonNode> asked = fields.any("samplers");
		if (asked.isEmpty())
			return List.of(Link.values());
		List<String> names = asked.get().isString() ? List.of(asked.get().stringValue().split("")) : fields.texts("samplers");
		return names.stream().map(name -> Stream.of(Link.values()).filter(link -> link.is(name)).findFirst().orElseThrow(
				() -> fields.wrong("samplers", "has '%s', and there are only %s".formatted(name, Stream.of(Link.values())
						.map(link -> link.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", ")))))).distinct().toList();
	}

	private static float temperature(Fields fields) {
		return fields.number("temperature", 0, MANY).orElse(1f);
	}

	private static int keep(Fields fields) {
		return fields.integer("min_keep", 0, Integer.MAX_VALUE).orElse(1);
	}

	/** The same seed gives the same tokens; none, or −1, gives others each time. */
	private static long seed(Fields fields) {
		return fields.whole("seed").filter(seed -> seed != -1 && seed != ANY_SEED)
				.orElseGet(() -> ThreadLocalRandom.current().nextLong(ANY_SEED));
	}

	/**
	 * {@code {"token": bias}} as OpenAI has it, or {@code [[token, bias]]}; false for a bias bans the token. A text in place of a
	 * token's number is all its tokens.
	 */
	private static Optional<Stage> bias(Fields fields, Function<String, int[]> tokens) {
		var biases = new HashMap<Integer, Float>();
		fields.any("logit_bias").ifPresent(node -> {
			if (node.isObject())
				node.properties().forEach(entry -> add(biases, fields, entry.getKey(), entry.getValue(), tokens));
			else if (node.isArray())
				for (JsonNode pair : node.values()) {
					if (!pair.isArray() || pair.size() != 2)
						throw fields.wrong("logit_bias", "has to have pairs of a token and a bias");
					if (pair.get(0).isString())
						add(biases, bias(fields, pair.get(1)), tokens.apply(pair.get(0).stringValue()));
					else if (pair.get(0).isIntegralNumber() && pair.get(0).canConvertToInt() && pair.get(0).intValue() >= 0)
						add(biases, bias(fields, pair.get(1)), pair.get(0).intValue());
					else
						throw fields.wrong("logit_bias", "names the token %s: it has to be a number or a text".formatted(pair.get(0)));
				}
			else
				throw fields.type("logit_bias", "an object", node);
		});
		return biases.isEmpty() ? Optional.empty() : Optional.of(new Stage.Bias(biases));
	}

	private static void add(Map<Integer, Float> biases, Fields fields, String name, JsonNode bias, Function<String, int[]> tokens) {
		boolean number = !name.isEmpty() && name.chars().allMatch(each -> each >= '0' && each <= '9');
		try {
			add(biases, bias(fields, bias), number ? new int[] { Integer.parseInt(name) } : tokens.apply(name));
		} catch (NumberFormatException e) {
			throw fields.wrong("logit_bias", "names the token %s, and no vocabulary is as large".formatted(name));
		}
	}

	private static void add(Map<Integer, Float> biases, float bias, int... tokens) {
		for (int token : tokens)
			biases.put(token, bias);
	}

	private static float bias(Fields fields, JsonNode bias) {
		if (bias.isBoolean() && !bias.booleanValue())
			return Float.NEGATIVE_INFINITY;
		if (!bias.isNumber() || Math.abs(bias.doubleValue()) > 100)
			throw fields.wrong("logit_bias", "has the bias %s: it has to be a number from -100 to 100".formatted(bias));
		return (float) bias.doubleValue();
	}

	/** OpenAI's penalties look at the whole text, llama.cpp's own at the last 64 tokens unless it is told otherwise. */
	private static Optional<Stage> penalties(Fields fields) {
		float frequency = fields.number("frequency_penalty", -2, 2).orElse(0f);
		float presence = fields.number("presence_penalty", -2, 2).orElse(0f);
		float repeat = fields.number("repeat_penalty", 0, MANY).orElse(1f);
		int last = fields.integer("repeat_last_n", -1, Integer.MAX_VALUE).orElse(repeat == 1 ? -1 : 64);
		boolean felt = last != 0 && (frequency != 0 || presence != 0 || repeat != 1);
		return felt ? Optional.of(new Stage.Penalties(last, repeat, frequency, presence)) : Optional.empty();
	}

	private static Optional<Stage> dry(Fields fields) {
		List<String> breakers = fields.has("dry_sequence_breakers") ? fields.texts("dry_sequence_breakers") : List.of("\n", ":", "\"", "*");
		float base = fields.number("dry_base", 1, MANY).orElse(1.75f);
		int allowed = fields.integer("dry_allowed_length", 0, Integer.MAX_VALUE).orElse(2);
		int last = fields.integer("dry_penalty_last_n", -1, Integer.MAX_VALUE).orElse(-1);
		return fields.number("dry_multiplier", 0, MANY).filter(multiplier -> multiplier > 0)
				.map(multiplier -> new Stage.Dry(multiplier, base, allowed, last, breakers));
	}

	private static Optional<Stage> xtc(Fields fields) {
		float threshold = fields.number("xtc_threshold", 0, 1).orElse(0.1f);
		return fields.number("xtc_probability", 0, 1).filter(p -> p > 0).map(p -> new Stage.Xtc(p, threshold, keep(fields)));
	}

	private static Optional<Stage> mirostat(Fields fields) {
		float tau = fields.number("mirostat_tau", 0, MANY).orElse(5f);
		float eta = fields.number("mirostat_eta", 0, MANY).orElse(0.1f);
		return fields.integer("mirostat", 0, 2).filter(version -> version > 0).map(version -> new Stage.Mirostat(version, tau, eta));
	}
}
