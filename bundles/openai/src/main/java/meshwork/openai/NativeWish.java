package meshwork.openai;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import meshwork.api.chat.Grammars;
import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Texts;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a request of llama-server's own API asks for.
 *
 * @param nothing whether the prompt is only read
 * @param probabilities whether to tell how likely tokens were
 * @param tokens whether to tell tokens in an answer at once; a stream always does
 * @param indent a choice ends before a line that is indented by less, its first aside
 * @param time after it a choice ends with its line
 * @param members those of the result that are wanted, as paths; none for all
 * @param settings what the request was understood to say
 */
record NativeWish(Wish wish, boolean nothing, boolean probabilities, boolean tokens, int indent, Optional<Duration> time, List<String> members,
		ObjectNode settings) {

	private static final int MOST_PROBABILITIES = 1000;

	static NativeWish read(Exchange exchange, Fields given, String model, List<Prompt> prompts, Grammars grammars, Texts texts) {
		Fields fields = NativeDefaults.under(given);
		ObjectNode said = (ObjectNode) fields.object();
		said.put("model", model);
		fields.any("n_cmpl").ifPresent(choices -> said.set("n", choices));
		Optional<Duration> time = fields.integer("t_max_predict_ms", -1, Integer.MAX_VALUE).filter(most -> most > 0).map(Duration::ofMillis);
		// the time is not one to fail at
		said.putNull("t_max_predict_ms");
		String most = Stream.of("max_completion_tokens", "max_tokens").filter(fields::has).findFirst().orElse("n_predict");
		boolean nothing = fields.integer(most, -1, Integer.MAX_VALUE).equals(Optional.of(0));
		if (nothing)
			said.put(most, 1);
		withoutInfill(said);
		int probabilities = fields.integer("n_probs", 0, MOST_PROBABILITIES).orElse(0);
		if (probabilities > 0 && fields.flag("post_sampling_probs").orElse(false))
			throw fields.unsupported("post_sampling_probs", "is not supported: likelihoods are those before anything is narrowed");
		boolean tokens = fields.flag("return_tokens").orElse(false);
		int indent = fields.integer("n_indent", 0, Integer.MAX_VALUE).orElse(0);
		boolean counted = fields.flag("stream").orElse(false) || tokens || probabilities > 0 || indent > 0 || time.isPresent() || fields.has("n");
		Wish wish = Wish.read(exchange, fields, prompts.getFirst(), counted ? Optional.of(probabilities) : Optional.empty(),
				OutputForm.read(fields, grammars), texts);
		return new NativeWish(wish, nothing, probabilities > 0, tokens, indent, time, fields.texts("response_fields"), settings(wish, said, nothing, time));
	}

	/** Editors name it beside others that narrow; what it does, choosing between endings of equal text, is left to the draw. */
	private static void withoutInfill(ObjectNode said) {
		if (said.get("samplers") instanceof ArrayNode names)
			names.removeIf(name -> name.isString() && name.stringValue().equals("infill"));
	}

	private static ObjectNode settings(Wish wish, ObjectNode said, boolean nothing, Optional<Duration> time) {
		ObjectNode settings = NativeDefaults.settings();
		settings.propertyNames().forEach(name -> settings.set(name, said.get(name)));
		settings.put("seed", wish.request().sampling().seed());
		int most = nothing ? 0 : wish.request().maxTokens().orElse(-1);
		settings.put("n_predict", most);
		settings.put("max_tokens", most);
		settings.put("t_max_predict_ms", time.map(Duration::toMillis).orElse(-1L));
		wish.request().sampling().stages().forEach(stage -> {
			if (stage instanceof Stage.Grammar grammar)
				settings.put("grammar", grammar.grammar());
		});
		return settings;
	}
}
