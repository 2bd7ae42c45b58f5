package meshwork.openai;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import org.eclipse.jetty.server.Handler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import meshwork.api.chat.Grammars;
import meshwork.api.inference.Inference;
import meshwork.api.inference.Models;
import meshwork.api.inference.Prompt;

/** {@code POST /v1/chat/completions}. */
@Component(service = Handler.class, property = { "http.path=/v1/chat/completions", "http.path=/chat/completions" })
public final class ChatEndpoint extends Endpoint {

	private final Inference inference;
	private final Models models;
	private final Grammars grammars;

	@Activate
	public ChatEndpoint(@Reference Inference inference, @Reference Models models, @Reference Grammars grammars) {
		super("POST");
		this.inference = inference;
		this.models = models;
		this.grammars = grammars;
	}

	@Override
	void answer(Exchange exchange) throws IOException, InterruptedException {
		Fields fields = exchange.body();
		refuseWhatIsNotThere(fields);
		boolean logprobs = fields.flag("logprobs").orElse(false);
		Optional<Integer> top = fields.integer("top_logprobs", 0, 20);
		if (top.isPresent() && !logprobs)
			throw fields.wrong("top_logprobs", "is for requests with logprobs=true");
		var conversation = Conversations.read(fields);
		Wish wish = Wish.read(exchange, fields, new Prompt.Chat(conversation), logprobs ? Optional.of(top.orElse(0)) : Optional.empty(),
				grammars);
		var wording = new ChatWording(Heading.of("chatcmpl-", wish.request().model(), models), logprobs, wish.usage());
		new Narrator(exchange, wording, "messages").tell(inference, List.of(wish.request()), wish.stream(), wish.usage());
	}

	/** What would silently change the answer if it were ignored. */
	private static void refuseWhatIsNotThere(Fields fields) {
		fields.any("tool_choice").filter(choice -> !choice.isString() || !List.of("auto", "none").contains(choice.stringValue())).ifPresent(choice -> {
			throw fields.unsupported("tool_choice", "can only be \"auto\" or \"none\" yet, not %s".formatted(choice));
		});
		if (fields.has("functions"))
			throw fields.unsupported("functions", "is not supported: use 'tools'");
		if (fields.has("audio") || fields.texts("modalities").stream().anyMatch(each -> !each.equals("text")))
			throw fields.unsupported(fields.has("audio") ? "audio" : "modalities", "is not supported: only text is generated");
	}
}
