package meshwork.openai;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.PickedToken;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.Inference;
import meshwork.api.inference.InferenceException;

/**
 * Has generations made and tells the client of them, as they happen or in the end. Several run side by side and are told
 * one after the other. A client that goes away cancels them.
 */
final class Narrator {

	private final Exchange exchange;
	private final Wording wording;
	private final String prompt;

	/** @param prompt the parameter that the prompt came in */
	Narrator(Exchange exchange, Wording wording, String prompt) {
		this.exchange = exchange;
		this.wording = wording;
		this.prompt = prompt;
	}

	/** @throws Refusal when nothing was told yet */
	void tell(Inference inference, List<GenerationRequest> requests, boolean stream, boolean usage) throws IOException, InterruptedException {
		var generations = new ArrayList<Generation>();
		try {
			for (GenerationRequest request : requests)
				generations.add(Noted.of(inference.generate(request), exchange.request(), request.model()));
			exchange.whenGone(() -> generations.forEach(Generation::close));
			int each = requests.getFirst().choices();
			if (stream)
				live(generations, each, usage);
			else
				whole(generations, each);
		} catch (InferenceException e) {
			throw Refusal.of(e, prompt);
		} finally {
			generations.forEach(Generation::close);
		}
	}

	private void whole(List<Generation> generations, int each) throws InterruptedException {
		var choices = new ArrayList<Wording.Choice>();
		Spent spent = Spent.NOTHING;
		for (Generation generation : generations) {
			var drafts = new ArrayList<Draft>();
			for (int i = 0; i < each; i++)
				drafts.add(new Draft(choices.size() + i));
			for (boolean done = false; !done;) {
				switch (generation.next()) {
					case GenerationEvent.Started _ -> {
					}
					case GenerationEvent.Piece(int choice, String text, List<PickedToken> tokens) -> drafts.get(choice).say(text, tokens);
					case GenerationEvent.Thought(int choice, String text) -> drafts.get(choice).think(text);
					case GenerationEvent.ToolCalled(int choice, _, String id, String name) -> drafts.get(choice).call(id, name);
					case GenerationEvent.ToolArguments(int choice, int call, String json) -> drafts.get(choice).argue(call, json);
					case GenerationEvent.Finished(int choice, FinishReason reason, _) -> drafts.get(choice).finish(reason);
					case GenerationEvent.Done all -> {
						spent = spent.and(all);
						done = true;
					}
				}
			}
			drafts.forEach(draft -> choices.add(draft.choice()));
		}
		exchange.answer(200, wording.whole(choices, spent));
	}

	private void live(List<Generation> generations, int each, boolean usage) throws IOException, InterruptedException {
		var stream = new EventStream(exchange);
		try {
			Spent spent = Spent.NOTHING;
			// the last ending tells the times too, which are known only after it
			Optional<GenerationEvent.Finished> last = Optional.empty();
			int from = 0;
			for (Generation generation : generations) {
				for (boolean done = false; !done;) {
					GenerationEvent event = generation.next();
					if (last.isPresent() && !(event instanceof GenerationEvent.Done)) {
						stream.send(wording.ending(from + last.get().choice(), last.get().reason(), Optional.empty()));
						last = Optional.empty();
					}
					switch (event) {
						case GenerationEvent.Started _ -> {
							for (int i = from; i < from + each; i++)
								for (Object opening : wording.opening(i).stream().toList())
									stream.send(opening);
						}
						case GenerationEvent.Piece(int choice, String text, List<PickedToken> tokens) -> {
							if (!text.isEmpty() || !tokens.isEmpty())
								stream.send(wording.piece(from + choice, text, tokens));
						}
						case GenerationEvent.Thought(int choice, String text) -> stream.send(wording.thought(from + choice, text));
						case GenerationEvent.ToolCalled(int choice, int call, String id, String name) ->
							stream.send(wording.called(from + choice, call, id, name));
						case GenerationEvent.ToolArguments(int choice, int call, String json) ->
							stream.send(wording.arguments(from + choice, call, json));
						case GenerationEvent.Finished finished -> last = Optional.of(finished);
						case GenerationEvent.Done all -> {
							spent = spent.and(all);
							done = true;
						}
					}
				}
				if (last.isPresent())
					stream.send(wording.ending(from + last.get().choice(), last.get().reason(), Optional.of(spent)));
				last = Optional.empty();
				from += each;
			}
			if (usage)
				stream.send(wording.usage(spent));
			stream.done();
		} catch (InferenceException e) {
			if (!stream.begun())
				throw e;
			stream.fail(Refusal.of(e, prompt));
		}
	}
}
