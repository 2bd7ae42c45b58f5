package meshwork.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import meshwork.api.chat.Conversation;
import meshwork.api.chat.Grammars;
import meshwork.api.chat.Message;
import meshwork.api.chat.ReplyRules;
import meshwork.api.inference.Generation;
import meshwork.api.inference.Inference;
import meshwork.api.inference.InferenceException;
import meshwork.api.inference.InferenceException.ContextExceeded;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Texts;
import tools.jackson.databind.JsonNode;

/**
 * What a response is asked for.
 *
 * @param prompt the conversation up to now
 * @param given the items of it that this request brought
 * @param background whether to make it while nobody waits
 * @param store whether to keep it
 * @param truncates whether messages may be left out
 */
record ResponseWish(Wish wish, Prompt.Chat prompt, List<JsonNode> given, boolean background, boolean store, boolean truncates) {

	private static final String LIKELIHOODS = "message.output_text.logprobs";

	static ResponseWish read(Exchange exchange, Fields fields, Archive archive, Grammars grammars, Texts texts) {
		boolean background = fields.flag("background").orElse(false);
		boolean store = fields.flag("store").orElse(true);
		if (background && !store)
			throw fields.wrong("background", "is for responses that are stored: leave 'store' out");
		List<Fields> given = given(exchange, fields, archive);
		Prompt.Chat prompt = prompt(exchange, fields, given, archive, grammars);
		Wish wish = Wish.read(exchange, fields, prompt, likelihoods(fields), Optional.empty(), texts);
		if (wish.request().choices() != 1)
			throw fields.unsupported("n", "is not supported: a response is one");
		return new ResponseWish(wish, prompt, given.stream().map(Fields::object).toList(), background, store, truncates(fields));
	}

	/** The items that are given now. */
	static List<Fields> given(Exchange exchange, Fields fields, Archive archive) {
		return ResponseItems.given(fields, id -> archive.item(exchange.caller(), id));
	}

	/** What was said before, and what is given now. */
	static Prompt.Chat prompt(Exchange exchange, Fields fields, List<Fields> given, Archive archive, Grammars grammars) {
		refuseWhatIsNotThere(fields);
		Toolbox toolbox = Toolbox.ofResponse(fields);
		var messages = new ArrayList<Message>();
		fields.text("instructions").ifPresent(instructions -> messages.add(new Message("system", instructions)));
		Optional<String> previous = fields.text("previous_response_id");
		Stream<Fields> before = previous.map(id -> archive.upTo(exchange.caller(), id).orElseThrow(() -> Refusal.invalid("previous_response_id",
				"previous_response_not_found", "the response '%s', or one that led to it, is not kept here, or has not ended".formatted(id))))
				.orElse(List.of()).stream().map(item -> new Fields(item, "previous_response_id"));
		messages.addAll(ResponseItems.messages(Stream.concat(before, given.stream())));
		if (messages.isEmpty())
			throw fields.wrong("input", "has to have an item at least");
		var conversation = new Conversation(messages, toolbox.tools(), Conversations.variables(fields, fields.object("reasoning")
				.flatMap(reasoning -> reasoning.text("effort"))));
		return new Prompt.Chat(conversation, new ReplyRules(toolbox.choice(), toolbox.parallel(), OutputForm.ofResponse(fields, grammars), false));
	}

	/** What would silently change the answer if it were ignored. */
	private static void refuseWhatIsNotThere(Fields fields) {
		if (fields.has("conversation"))
			throw fields.unsupported("conversation", "is not supported: use 'previous_response_id'");
		if (fields.has("prompt"))
			throw fields.unsupported("prompt", "is not supported: no prompts are stored here, use 'instructions' and 'input'");
	}

	private static Optional<Integer> likelihoods(Fields fields) {
		Optional<Integer> top = fields.integer("top_logprobs", 0, 20);
		return top.filter(most -> most > 0).isPresent() || fields.texts("include").contains(LIKELIHOODS) ? Optional.of(top.orElse(0)) : Optional.empty();
	}

	private static boolean truncates(Fields fields) {
		String truncation = fields.text("truncation").orElse("disabled");
		if (!truncation.equals("auto") && !truncation.equals("disabled"))
			throw fields.wrong("truncation", "is '%s': it has to be auto or disabled".formatted(truncation));
		return truncation.equals("auto");
	}

	/** Starts the generation; if that is asked for, without the oldest messages of a conversation that is too long. */
	Generation begin(Inference inference) {
		for (Prompt.Chat asked = prompt;;)
			try {
				return inference.generate(wish.with(asked));
			} catch (ContextExceeded e) {
				List<Message> rest = truncates ? rest(asked.conversation().messages(), e) : List.of();
				if (rest.isEmpty())
					throw Refusal.of(e, "input");
				asked = new Prompt.Chat(new Conversation(rest, asked.conversation().tools(), asked.conversation().variables()), asked.rules());
			} catch (InferenceException e) {
				throw Refusal.of(e, "input");
			}
	}

	/** The messages without the oldest, of which as many go as are too many if all are as long; none if there is nothing to leave out. */
	private static List<Message> rest(List<Message> messages, ContextExceeded exceeded) {
		int fixed = messages.getFirst().role().equals("system") ? 1 : 0;
		int excess = (int) Math.ceil((double) (messages.size() - fixed) * (exceeded.promptTokens() - exceeded.context()) / exceeded.promptTokens());
		int from = fixed + Math.max(1, excess);
		while (from < messages.size() && !messages.get(from).role().equals("user"))
			from++;
		return from < messages.size() ? Stream.concat(messages.subList(0, fixed).stream(), messages.subList(from, messages.size()).stream()).toList()
				: List.of();
	}
}
