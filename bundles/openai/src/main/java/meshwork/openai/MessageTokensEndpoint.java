package meshwork.openai;

import java.io.IOException;

import org.eclipse.jetty.server.Handler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import meshwork.api.chat.Grammars;
import meshwork.api.inference.Inference;
import meshwork.api.inference.InferenceException;

/** {@code POST /v1/messages/count_tokens}, of Anthropic's API. */
@Component(service = Handler.class, property = "http.path=/v1/messages/count_tokens")
public final class MessageTokensEndpoint extends Endpoint {

	private final Inference inference;
	private final Grammars grammars;

	@Activate
	public MessageTokensEndpoint(@Reference Inference inference, @Reference Grammars grammars) {
		super("POST");
		this.inference = inference;
		this.grammars = grammars;
	}

	record Count(int inputTokens) {
	}

	@Override
	void answer(Exchange exchange) throws IOException {
		Fields fields = exchange.body();
		String model = Wish.model(fields);
		try {
			exchange.answer(200, new Count(inference.countTokens(model, AnthropicWish.prompt(fields, grammars))));
		} catch (InferenceException e) {
			throw Refusal.of(e, "messages");
		}
	}
}
