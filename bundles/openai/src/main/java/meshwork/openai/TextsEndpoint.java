package meshwork.openai;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import meshwork.api.inference.Models;
import meshwork.api.inference.Texts;

/** How a model sees texts, as llama-server tells it: {@code POST /tokenize}, {@code /detokenize}, {@code /apply-template}. */
@Component(service = Handler.class, property = { "http.path=/tokenize", "http.path=/detokenize", "http.path=/apply-template" })
public final class TextsEndpoint extends Endpoint {

	private final Models models;
	private final Texts texts;

	@Activate
	public TextsEndpoint(@Reference Models models, @Reference Texts texts) {
		super("POST");
		this.models = models;
		this.texts = texts;
	}

	/** @param tokens numbers, or {@link Piece}s */
	record Tokens(List<?> tokens) {
	}

	/** @param piece a text, or bytes where they are none */
	record Piece(int id, Object piece) {
	}

	record Content(String content) {
	}

	record Rendered(String prompt) {
	}

	@Override
	void answer(Exchange exchange) throws IOException {
		Fields fields = exchange.body();
		String model = Addressee.of(exchange, fields, models).id();
		exchange.answer(200, switch (Request.getPathInContext(exchange.request())) {
			case "/tokenize" -> tokens(fields, model);
			case "/detokenize" -> content(fields, model);
			default -> new Rendered(texts.render(model, Conversations.read(fields, Toolbox.ofChat(fields).tools())));
		});
	}

	private Tokens tokens(Fields fields, String model) {
		boolean special = fields.flag("parse_special").orElse(true);
		boolean begin = fields.flag("add_special").orElse(false);
		IntStream tokens = fields.any("content").stream()
				.flatMapToInt(content -> IntStream.of(NativePrompts.tokens(fields, "content", content, model, texts, special, begin)));
		return new Tokens(fields.flag("with_pieces").orElse(false) ? tokens.mapToObj(token -> piece(model, token)).toList()
				: tokens.boxed().toList());
	}

	private Piece piece(String model, int token) {
		byte[] bytes = texts.bytes(model, token, true);
		try {
			return new Piece(token, StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
		} catch (CharacterCodingException _) {
			return new Piece(token, IntStream.range(0, bytes.length).map(i -> Byte.toUnsignedInt(bytes[i])).toArray());
		}
	}

	private Content content(Fields fields, String model) {
		int[] tokens = fields.array("tokens").stream().mapToInt(token -> NativePrompts.token(fields, "tokens", token)).toArray();
		return new Content(NativePrompts.text(tokens, model, texts));
	}
}
