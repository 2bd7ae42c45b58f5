package meshwork.runtime;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.Optional;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.ChatTemplate;
import meshwork.api.chat.ChatTemplates;
import meshwork.api.chat.Conversation;
import meshwork.api.chat.ReplyFormat;
import meshwork.api.chat.ReplyRules;
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
	private final Gaps gaps;
	private final String source;
	private final String begin;
	private final String end;
	private volatile Optional<Compiled> compiled = Optional.empty();

	/**
	 * @param template that the model carries, in Jinja; empty for ChatML
	 * @param context tokens that there is room for
	 */
	Prompts(Vocabulary vocabulary, String template, int context) {
		this.vocabulary = vocabulary;
		quotes = new Quotes(vocabulary);
		gaps = new Gaps(vocabulary, context / 2);
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
	 * A prompt as the model gets it.
	 *
	 * @param tokens at least one
	 * @param format of the reply, if the prompt is a conversation
	 */
	record Prepared(int[] tokens, Optional<ReplyFormat> format) {
	}

	/** @param templates who compiles the model's template, if anybody is there to do it */
	Prepared prepare(Prompt prompt, Optional<ChatTemplates> templates) {
		Prepared prepared = switch (prompt) {
			case Prompt.Text(var text) -> plain(vocabulary.tokenize(text, false, true));
			case Prompt.Tokens(var given) -> plain(checked(given));
			case Prompt.Gap gap -> plain(gaps.tokens(gap));
			case Prompt.Chat(var conversation, var rules) -> chat(conversation, rules, templates);
		};
		if (prepared.tokens().length > 0)
			return prepared;
		return vocabulary.begin().stream().mapToObj(token -> new Prepared(new int[] {token}, prepared.format())).findFirst()
				.orElseThrow(() -> new InvalidRequest("prompt", "the prompt is empty, and the model has no token to begin with"));
	}

	private static Prepared plain(int[] tokens) {
		return new Prepared(tokens, Optional.empty());
	}

	private Prepared chat(Conversation conversation, ReplyRules rules, Optional<ChatTemplates> templates) {
		ChatTemplate template = template(templates);
		try {
			Quotes.Quoted quoted = quotes.quote(conversation);
			String prompt = template.render(quoted.conversation(), true);
			return new Prepared(quotes.tokens(prompt, quoted, begin), Optional.of(template.reply(conversation, rules, prompt)));
		} catch (ChatRejected e) {
			throw new InvalidRequest("messages", e.getMessage(), e);
		}
	}

	/** The prompt that a conversation becomes. */
	String render(Conversation conversation, Optional<ChatTemplates> templates) {
		try {
			return template(templates).render(conversation, true);
		} catch (ChatRejected e) {
			throw new InvalidRequest("messages", e.getMessage(), e);
		}
	}

	/** The template that the model carries, in Jinja; empty for ChatML. */
	String source() {
		return source;
	}

	/** What the token that begins a sequence is called; empty if there is none. */
	String begin() {
		return begin;
	}

	/** What the token that ends a turn or a text is called; empty if there is none. */
	String end() {
		return end;
	}

	private int[] checked(int[] tokens) {
		for (int i = 0; i < tokens.length; i++)
			if (tokens[i] < 0 || tokens[i] >= vocabulary.size())
				throw new InvalidRequest("prompt", "token %d of the prompt is %d, and the model has the tokens 0 to %d".formatted(i, tokens[i],
						vocabulary.size() - 1));
		return tokens.clone();
	}

	private ChatTemplate template(Optional<ChatTemplates> templates) {
		Compiled ready = compiled(templates.orElseThrow(() -> new ModelNotReady(
				"no chat bundle is running, which would turn a conversation into a prompt: install one, or send a plain prompt")));
		return ready.template().orElseThrow(() -> new InvalidRequest("messages",
				"the chat template of this model can't be used, plain prompts can: " + ready.problem()));
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
