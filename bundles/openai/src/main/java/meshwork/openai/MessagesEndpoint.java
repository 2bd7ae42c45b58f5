package meshwork.openai;

import java.io.IOException;

import org.eclipse.jetty.server.Handler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import meshwork.api.chat.Grammars;
import meshwork.api.inference.Inference;
import meshwork.api.inference.Models;
import meshwork.api.inference.Texts;

/** {@code POST /v1/messages}, of Anthropic's API. */
@Component(service = Handler.class, property = "http.path=/v1/messages")
public final class MessagesEndpoint extends Endpoint {

	private final Inference inference;
	private final Models models;
	private final Grammars grammars;
	private final Texts texts;

	@Activate
	public MessagesEndpoint(@Reference Inference inference, @Reference Models models, @Reference Grammars grammars, @Reference Texts texts) {
		super("POST");
		this.inference = inference;
		this.models = models;
		this.grammars = grammars;
		this.texts = texts;
	}

	@Override
	void answer(Exchange exchange) throws IOException, InterruptedException {
		AnthropicWish wish = AnthropicWish.read(exchange, exchange.body(), grammars, texts);
		new AnthropicNarrator(exchange, wish, Heading.of("msg_", wish.request().model(), models)).tell(inference);
	}
}
