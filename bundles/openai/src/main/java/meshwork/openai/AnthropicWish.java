package meshwork.openai;

import java.util.List;
import java.util.Optional;

import meshwork.api.chat.Grammars;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Texts;

/**
 * What a request of Anthropic's API asks for.
 *
 * @param request what to generate
 * @param most tokens of the answer
 * @param stream whether to tell as it happens
 * @param thoughts whether to tell what the model thinks
 */
record AnthropicWish(GenerationRequest request, int most, boolean stream, boolean thoughts) {

	private static final int MOST_STOPS = 128;

	static AnthropicWish read(Exchange exchange, Fields fields, Grammars grammars, Texts texts) {
		int most = fields.integer("max_tokens", 1, Integer.MAX_VALUE).orElseThrow(() -> Refusal.missing("max_tokens"));
		String model = Wish.model(fields);
		var request = new GenerationRequest(exchange.id(), exchange.caller(), model, prompt(fields, grammars),
				Sampling.read(fields, Optional.empty(), text -> texts.tokenize(model, text, false, false)), Optional.of(most), stops(fields), 1,
				Optional.empty(), false, Optional.empty(), true);
		return new AnthropicWish(request, most, fields.flag("stream").orElse(false), thoughts(fields));
	}

	static Prompt prompt(Fields fields, Grammars grammars) {
		return new Prompt.Chat(AnthropicConversations.read(fields), AnthropicConversations.rules(fields, grammars));
	}

	private static boolean thoughts(Fields fields) {
		return AnthropicConversations.thinks(fields)
				&& !fields.object("thinking").flatMap(each -> each.text("display")).equals(Optional.of("omitted"));
	}

	private static List<String> stops(Fields fields) {
		List<String> stops = fields.texts("stop_sequences").stream().filter(stop -> !stop.isEmpty()).toList();
		if (stops.size() > MOST_STOPS)
			throw fields.wrong("stop_sequences", "has %d texts, and at most %d are possible".formatted(stops.size(), MOST_STOPS));
		return stops;
	}
}
