package meshwork.openai;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.PickedToken;
import meshwork.api.inference.Inference;
import meshwork.api.inference.InferenceException;
import meshwork.api.inference.Prompt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Has texts continued and tells the client of them as llama-server does, as it happens or in the end. A client that goes away cancels. */
final class NativeNarrator {

	private final Exchange exchange;
	private final NativeWish wish;
	private final EventStream stream;

	NativeNarrator(Exchange exchange, NativeWish wish) {
		this.exchange = exchange;
		this.wish = wish;
		stream = new EventStream(exchange);
	}

	/**
	 * @param texts the prompts as texts, where that can be told
	 * @throws Refusal when nothing was told yet
	 */
	void tell(Inference inference, List<Prompt> prompts, List<Optional<String>> texts) throws IOException, InterruptedException {
		var generations = new ArrayList<Generation>();
		String model = wish.wish().request().model();
		try {
			for (Prompt prompt : prompts)
				generations.add(Noted.of(inference.generate(wish.wish().with(prompt)), exchange.request(), model));
			exchange.whenGone(() -> generations.forEach(Generation::close));
			var results = new ArrayList<JsonNode>();
			for (int i = 0; i < generations.size(); i++) {
				var choices = new ArrayList<NativeChoice>();
				for (int choice = 0; choice < wish.wish().request().choices(); choice++)
					choices.add(new NativeChoice(results.size() + choice, wish, texts.get(i)));
				read(generations.get(i), choices);
				for (NativeChoice choice : choices)
					results.add(selected(Json.tree(choice.result())));
				if (wish.wish().stream())
					for (JsonNode result : results.subList(results.size() - choices.size(), results.size()))
						stream.send(result);
			}
			if (wish.wish().stream())
				stream.end();
			else
				exchange.answer(200, results.size() == 1 ? results.getFirst() : results);
		} catch (InferenceException e) {
			Refusal refusal = Refusal.of(e, "prompt");
			if (!stream.begun())
				throw refusal;
			stream.fail(refusal);
		} finally {
			generations.forEach(Generation::close);
		}
	}

	private void read(Generation generation, List<NativeChoice> choices) throws IOException, InterruptedException {
		while (true)
			switch (generation.next()) {
				case GenerationEvent.Started(int promptTokens, int cachedTokens) -> choices.forEach(choice -> choice.start(promptTokens, cachedTokens));
				case GenerationEvent.Piece(int index, String text, List<PickedToken> tokens) -> {
					Optional<NativeChoice.Part> part = choices.get(index).say(text, tokens);
					if (part.isPresent() && wish.wish().stream())
						stream.send(part.get());
					if (choices.stream().allMatch(NativeChoice::ended))
						return;
				}
				case GenerationEvent.Finished(int index, FinishReason reason, Optional<String> stop) -> choices.get(index).finish(reason, stop);
				case GenerationEvent.Done done -> {
					choices.forEach(choice -> choice.done(done));
					return;
				}
				case GenerationEvent.Thought _, GenerationEvent.ToolCalled _, GenerationEvent.ToolArguments _ ->
					throw new IllegalStateException("thoughts and calls belong to conversations");
			}
	}

	/** The members that are wanted; each is called by its whole path. */
	private JsonNode selected(ObjectNode result) {
		if (wish.members().isEmpty())
			return result;
		ObjectNode selected = Json.object("{}");
		for (String path : wish.members()) {
			JsonNode member = result;
			for (String name : path.split("/"))
				member = member.path(name);
			if (!member.isMissingNode())
				selected.set(path, member);
		}
		return selected;
	}
}
