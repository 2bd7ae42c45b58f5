package meshwork.runtime;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.Optional;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.ChatTemplate;
import meshwork.api.chat.ChatTemplates;
import meshwork.api.chat.Conversation;
import meshwork.api.engine.Vocabulary;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.InferenceException.ModelNotReady;
import meshwork.api.inference.Prompt;

/** Makes the tokens of prompts for one model. Safe for use by many threads. */
final class Prompts {

	/** A template, and who compiled it: another bundle a second later compiles it anew. */
	private record Compiled(ChatTemplates by, Optional<ChatTemplate> template, String problem) {
	}

	private final Vocabulary vocabulary;
	private final Quotes quotes;
	private final String source;
	private final String begin;
	private final String end;
	private volatile Optional<Compiled> compiled = Optional.empty();

	/** @param template that the model carries, in Jinja; empty for ChatML */
	Prompts(Vocabulary vocabulary, String template) {
		this.vocabulary = vocabulary;
		quotes = new Quotes(vocabulary);
		source = template;
		begin = name(vocabulary.begin());
		end = name(vocabulary.end());
	}

	private String name(OptionalInt token) {
		return token.isPresent() ? new String(vocabulary.bytes(token.getAsInt(), true), StandardCharsets.UTF_8) : "";
	}

	/** Compiles the template before it is needed. */
	void prepare(ChatTemplates templates) {
		compiled(templates);
	}

	/**
	 * The tokens of a prompt, at least one.
	 *
	 * @param templates who compiles the model's template, if anybody is there to do it
	 */
	int[] tokens(Prompt prompt, Optional<ChatTemplates> templates) {
		int[] tokens = switch (prompt) {
			case Prompt.Text(var text) -> vocabulary.tokenize(text, false, true);
			case Prompt.Tokens(var given) -> checked(given);
			case Prompt.Chat(var conversation) -> tokens(conversation, templates.orElseThrow(() -> new ModelNotReady(
					"no chat bundle is running, which would turn a conversation into a prompt: install one, or send a plain prompt")));
		};
		if (tokens.length == 0)
			return vocabulary.begin().stream().boxed().findFirst().map(token -> new int[] {token})
					.orElseThrow(() -> new InvalidRequest("prompt", "the prompt is empty, and the model has no token to begin with"));
		return tokens;
	}

	private int[] checked(int[] tokens) {
		for (int i = 0; i < tokens.length; i++)
			if (tokens[i] < 0 || tokens[i] >= vocabulary.size())
				throw new InvalidRequest("prompt", "token %d of the prompt is %d, and the model has the tokens 0 to %d".formatted(i, tokens[i],
						vocabulary.size() - 1));
		return tokens.clone();
	}

	private int[] tokens(Conversation conversation, ChatTemplates templates) {
		Compiled ready = compiled(templates);
		ChatTemplate template = ready.template().orElseThrow(() -> new InvalidRequest("messages",
				"the chat template of this model can't be used, plain prompts can: " + ready.problem()));
		try {
			return quotes.tokens(conversation, template, begin);
		} catch (ChatRejected e) {
			throw new InvalidRequest("messages", e.getMessage(), e);
		}
	}

	private Compiled compiled(ChatTemplates templates) {
		Optional<Compiled> ready = compiled;
		if (ready.isPresent() && ready.get().by() == templates)
			return ready.get();
		Compiled fresh = compile(templates);
		compiled = Optional.of(fresh);
		return fresh;
	}

	private Compiled compile(ChatTemplates templates) {
		try {
			return new Compiled(templates, Optional.of(templates.compile(source, begin, end)), "");
		} catch (ChatRejected e) {
			return new Compiled(templates, Optional.empty(), e.getMessage());
		}
	}
}
