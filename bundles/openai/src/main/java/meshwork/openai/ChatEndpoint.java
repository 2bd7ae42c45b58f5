package meshwork.openai;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.eclipse.jetty.server.Handler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import meshwork.api.chat.Grammars;
import meshwork.api.chat.ReplyRules;
import meshwork.api.inference.Inference;
import meshwork.api.inference.Models;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Texts;

/** {@code POST /v1/chat/completions}. */
@Component(service = Handler.class, property = { "http.path=/v1/chat/completions", "http.path=/chat/completions" })
public final class ChatEndpoint extends Endpoint {

	private static final Set<String> REASONING_FORMATS = Set.of("none", "auto", "deepseek");

	private final Inference inference;
	private final Models models;
	private final Grammars grammars;
	private final Texts texts;

	@Activate
	public ChatEndpoint(@Reference Inference inference, @Reference Models models, @Reference Grammars grammars, @Reference Texts texts) {
		super("POST");
		this.inference = inference;
		this.models = models;
		this.grammars = grammars;
		this.texts = texts;
	}

	@Override
	void answer(Exchange exchange) throws IOException, InterruptedException {
		Fields fields = exchange.body();
		boolean logprobs = fields.flag("logprobs").orElse(false);
		Optional<Integer> top = fields.integer("top_logprobs", 0, 20);
		if (top.isPresent() && !logprobs)
			throw fields.wrong("top_logprobs", "is for requests with logprobs=true");
		Wish wish = Wish.read(exchange, fields, prompt(fields, grammars), logprobs ? Optional.of(top.orElse(0)) : Optional.empty(), Optional.empty(),
				texts);
		var wording = new ChatWording(Heading.of("chatcmpl-", wish.request().model(), models), logprobs, wish.usage(), fields.has("functions"));
		new Narrator(exchange, wording, "messages").tell(inference, List.of(wish.request()), wish.stream(), wish.usage());
	}

	/** What is to be replied to, and how. */
	static Prompt.Chat prompt(Fields fields, Grammars grammars) {
		refuseWhatIsNotThere(fields);
		Toolbox toolbox = Toolbox.ofChat(fields);
		var conversation = Conversations.read(fields, toolbox.tools());
		return new Prompt.Chat(conversation, new ReplyRules(toolbox.choice(), toolbox.parallel(), OutputForm.read(fields, grammars),
				plain(fields, toolbox)));
	}

	/** Whether thoughts and calls stay part of the text, as llama-server can have it. */
	private static boolean plain(Fields fields, Toolbox toolbox) {
		String format = fields.text("reasoning_format").orElse("auto");
		if (!REASONING_FORMATS.contains(format))
			throw fields.wrong("reasoning_format", "is '%s': it has to be one of none, auto, deepseek".formatted(format));
		boolean calls = fields.flag("parse_tool_calls").orElse(true) && !toolbox.tools().isEmpty();
		if (format.equals("none") && calls)
			throw fields.unsupported("reasoning_format",
					"can't be 'none' together with tools: who takes calls out of the text takes out thoughts too; parse_tool_calls=false leaves both in it");
		return format.equals("none") || !calls && !toolbox.tools().isEmpty();
	}

	/** What would silently change the answer if it were ignored. */
	private static void refuseWhatIsNotThere(Fields fields) {
		if (fields.has("audio") || fields.texts("modalities").stream().anyMatch(each -> !each.equals("text")))
			throw fields.unsupported(fields.has("audio") ? "audio" : "modalities", "is not supported: only text is generated");
	}
}
