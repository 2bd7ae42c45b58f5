package meshwork.openai;

import java.util.ArrayList;
import java.util.List;

import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.PickedToken;

/** A choice that is not complete: what it has said, thought and called so far. */
final class Draft {

	private record Begun(String id, String name, StringBuilder arguments) {
	}

	private final int index;
	private final StringBuilder text = new StringBuilder();
	private final StringBuilder thoughts = new StringBuilder();
	private final List<Begun> calls = new ArrayList<>();
	private final List<PickedToken> tokens = new ArrayList<>();
	private FinishReason reason = FinishReason.LENGTH;

	Draft(int index) {
		this.index = index;
	}

	void say(String more, List<PickedToken> picked) {
		text.append(more);
		tokens.addAll(picked);
	}

	void think(String more) {
		thoughts.append(more);
	}

	void call(String id, String name) {
		calls.add(new Begun(id, name, new StringBuilder()));
	}

	void argue(int call, String json) {
		calls.get(call).arguments().append(json);
	}

	void finish(FinishReason why) {
		reason = why;
	}

	Wording.Choice choice() {
		return new Wording.Choice(index, text.toString(), thoughts.toString(), calls.stream().map(call -> new Wording.Call(call.id(), call.name(),
				call.arguments().toString())).toList(), tokens, reason);
	}
}
