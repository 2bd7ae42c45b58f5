package meshwork.openai;

import java.util.List;

import org.eclipse.jetty.server.Handler;
import org.osgi.service.component.annotations.Component;

/** {@code /lora-adapters}, of which there are none: llama-server's clients look there. */
@Component(service = Handler.class, property = "http.path=/lora-adapters")
public final class AdaptersEndpoint extends Endpoint {

	public AdaptersEndpoint() {
		super("GET", "HEAD", "POST");
	}

	@Override
	void answer(Exchange exchange) {
		if (exchange.request().getMethod().equals("POST"))
			throw Refusal.notThere("'lora' is not supported yet by this node");
		exchange.answer(200, List.of());
	}
}
