package meshwork.jinja;

import java.util.Arrays;

/** The variables of one call: of the template itself, a macro, a recursive loop or a loop's filter. */
final class Frame {

	final Run run;
	final Frame outer;
	final Object[] slots;

	Frame(Run run, Frame outer, int size) {
		this.run = run;
		this.outer = outer;
		this.slots = new Object[size];
		Arrays.fill(slots, Undefined.MISSING);
	}

	Frame up(int levels) {
		Frame frame = this;
		for (int i = 0; i < levels; i++) {
			frame = frame.outer;
		}
		return frame;
	}
}
