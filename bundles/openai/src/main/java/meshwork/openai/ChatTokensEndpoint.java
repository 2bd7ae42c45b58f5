package meshwork.openai;

import java.io.IOException;

import org.eclipse.jetty.server.Handler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import meshwork.api.chat.Grammars;
import meshwork.api.inference.Inference;

/** {@code POST /v1/chat/completions/input_tokens}: how many tokens the prompt of a chat would have. */
@Component(service = Handler.class, property = { "http.path=/v1/chat/completions/input_tokens", "http.path=/chat/completions/input_tokens" })
public final class ChatTokensEndpoint extends Endpoint {

	private final Inference inference;
	private final Grammars grammars;

	@Activate
	public ChatTokensEndpoint(@Reference Inference inference, @Reference Grammars grammars) {
		super("POST");
		this.inference = inference;
		this.grammars = grammars;
	}

	/** How many tokens a prompt has. */
	record Count(String object, int inputTokens) {
		Count(int tokens) {
			this("response.input_tokens", tokens);
		}
	}

	@Override
	void answer(Exchange exchange) throws IOException {
		Fields fields = exchange.body();
		exchange.answer(200, new Count(inference.countTokens(Wish.model(fields), ChatEndpoint.prompt(fields, grammars))));
	}
}
