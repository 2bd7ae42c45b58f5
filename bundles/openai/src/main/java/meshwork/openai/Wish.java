package meshwork.openai;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Texts;

/**
 * What chat and plain completions have in common: how much, of how many, and in which form.
 *
 * @param request what to generate
 * @param stream whether to tell as it happens
 * @param usage whether to end a stream with what was used
 */
record Wish(GenerationRequest request, boolean stream, boolean usage) {

	private static final int MOST_CHOICES = 128;
	private static final int MOST_STOPS = 16;

	/**
	 * Reads all but the prompt.
	 *
	 * @param likelihoods how many alternatives to name beside each token, if any
	 * @param grammar of the output, if it may not be any text and the prompt does not tell
	 */
	static Wish read(Exchange exchange, Fields fields, Prompt prompt, Optional<Integer> likelihoods, Optional<String> grammar, Texts texts) {
		boolean stream = fields.flag("stream").orElse(false);
		Optional<Fields> options = fields.object("stream_options");
		if (options.isPresent() && !stream)
			throw fields.wrong("stream_options", "is for requests with stream=true");
		boolean usage = options.flatMap(each -> each.flag("include_usage")).orElse(false);
		String model = model(fields);
		var request = new GenerationRequest(exchange.id(), exchange.caller(), model, prompt,
				Sampling.read(fields, grammar, text -> texts.tokenize(model, text, false, false)), most(fields), stops(fields),
				fields.integer("n", 1, MOST_CHOICES).orElse(1), likelihoods, fields.flag("ignore_eos").orElse(false), deadline(fields),
				fields.flag("cache_prompt").orElse(true));
		return new Wish(request, stream, usage);
	}

	/** The same for another prompt. */
	GenerationRequest with(Prompt prompt) {
		return new GenerationRequest(request.id(), request.caller(), request.model(), prompt, request.sampling(), request.maxTokens(),
				request.stops(), request.choices(), request.likelihoods(), request.ignoreEnd(), request.deadline(),
				request.remembered());
	}

	static String model(Fields fields) {
		return fields.text("model").filter(model -> !model.isEmpty()).orElseThrow(() -> Refusal.missing("model"));
	}

	/** −1 is llama-server's way to say that there is no limit. */
	private static Optional<Integer> most(Fields fields) {
		String name = Stream.of("max_completion_tokens", "max_output_tokens", "max_tokens").filter(fields::has).findFirst().orElse("n_predict");
		Optional<Integer> most = fields.integer(name, -1, Integer.MAX_VALUE).filter(tokens -> tokens != -1);
		if (most.isPresent() && most.get() == 0)
			throw fields.wrong(name, "has to be at least 1");
		return most;
	}

	/** −1 is llama-server's way to say that there is none. */
	private static Optional<Duration> deadline(Fields fields) {
		return fields.integer("t_max_predict_ms", -1, Integer.MAX_VALUE).filter(limit -> limit > 0).map(Duration::ofMillis);
	}

	private static List<String> stops(Fields fields) {
		Optional<List<String>> stops = fields.any("stop").map(stop -> stop.isString() ? List.of(stop.stringValue()) : fields.texts("stop"));
		List<String> sensible = stops.orElse(List.of()).stream().filter(stop -> !stop.isEmpty()).toList();
		if (sensible.size() > MOST_STOPS)
			throw fields.wrong("stop", "has %d texts, and at most %d are possible".formatted(sensible.size(), MOST_STOPS));
		return sensible;
	}
}
