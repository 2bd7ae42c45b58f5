package meshwork.openai;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import meshwork.api.inference.Embedder;
import meshwork.api.inference.EmbeddingRequest;
import meshwork.api.inference.Embeddings;
import meshwork.api.inference.InferenceException;
import meshwork.api.inference.Models;
import meshwork.api.inference.Prompt;

/** {@code POST /v1/embeddings}: vectors of texts; {@code POST /embedding} tells them as llama-server does. */
@Component(service = Handler.class, property = { "http.path=/v1/embeddings", "http.path=/embeddings", "http.path=/embedding" })
public final class EmbeddingsEndpoint extends Endpoint {

	private static final int MOST_INPUTS = 2048;

	private final Embedder embedder;
	private final Models models;

	@Activate
	public EmbeddingsEndpoint(@Reference Embedder embedder, @Reference Models models) {
		super("POST");
		this.embedder = embedder;
		this.models = models;
	}

	record Listing(String object, List<Entry> data, String model, Spent.OfReading usage) {
	}

	/** @param embedding numbers, or their bytes in a string */
	record Entry(String object, int index, Object embedding) {
	}

	/** As llama-server has it: an input may have several, one for each of its tokens. */
	record NativeEntry(int index, List<Object> embedding) {
	}

	@Override
	void answer(Exchange exchange) throws IOException, InterruptedException {
		Fields fields = exchange.body();
		String member = fields.has("content") ? "content" : "input";
		boolean plain = fields.has("content") || Request.getPathInContext(exchange.request()).equals("/embedding");
		boolean eachToken = plain && eachToken(fields);
		VectorForm form = eachToken ? VectorForm.read(fields).unscaled() : VectorForm.read(fields);
		String model = plain ? Addressee.of(exchange, fields, models).id() : Wish.model(fields);
		var request = new EmbeddingRequest(exchange.id(), exchange.caller(), model, inputs(fields, member), eachToken, form.normalized());
		try {
			Embeddings made = Noted.await(embedder.embed(request), exchange, model, Embeddings::tokens);
			exchange.answer(200, plain ? plain(made, form) : listing(made, form, model));
		} catch (InferenceException e) {
			throw Refusal.of(e, member);
		}
	}

	private static boolean eachToken(Fields fields) {
		return fields.text("pooling").map(pooling -> {
			if (!pooling.equals("none"))
				throw fields.unsupported("pooling", "is '%s': it can be 'none', or left out for what the model was trained with".formatted(pooling));
			return true;
		}).orElse(false);
	}

	private static List<Prompt> inputs(Fields fields, String member) {
		List<Prompt> inputs = Prompts.read(fields, member, MOST_INPUTS);
		for (int i = 0; i < inputs.size(); i++)
			if (inputs.get(i) instanceof Prompt.Text(String text) && text.isEmpty())
				throw fields.wrong(member, inputs.size() == 1 ? "is empty" : "is empty at index %d".formatted(i));
		return inputs;
	}

	private static Listing listing(Embeddings made, VectorForm form, String model) {
		return new Listing("list", IntStream.range(0, made.inputs().size())
				.mapToObj(index -> new Entry("embedding", index, form.of(made.inputs().get(index)[0]))).toList(), model,
				new Spent.OfReading(made.tokens()));
	}

	private static List<NativeEntry> plain(Embeddings made, VectorForm form) {
		return IntStream.range(0, made.inputs().size())
				.mapToObj(index -> new NativeEntry(index, Stream.of(made.inputs().get(index)).map(form::of).toList())).toList();
	}
}
