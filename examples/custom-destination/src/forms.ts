import { FragmentError, type Actions, type Flow, type Source, type StoredEvent } from '@fragment/runtime';
import type { Lead } from './crm.js';

interface Submission {
  readonly form: string;
  readonly email: string;
  readonly newsletter: boolean;
}

/** Only who asked for the newsletter becomes a lead. A pure function: a replay plans the same again. */
export const leads: Flow = {
  name: 'leads',
  transform: (event, { destinations }): Actions => {
    if (event.type !== 'form' || !destinations.some(({ name }) => name === 'crm')) return {};
    const { form, email, newsletter } = submissionOf(event);
    if (!newsletter) return {};
    const lead: Lead = { email, form, submittedAt: event.timestamp.toISOString() };
    return { crm: [{ action: 'create-lead', data: lead }] };
  },
};

/** A source of our own: `POST /forms/<name>`, as the forms of our pages are sent. */
export const forms: Source = {
  name: 'forms',
  triggers: [
    {
      name: 'submit',
      mode: 'http',
      route: { methods: ['POST'], path: '/forms/:form' },
      flows: [leads],
      extract: ({ params, body }) => {
        const fields = new URLSearchParams(body.toString());
        const email = fields.get('email')?.trim().toLowerCase() ?? '';
        if (!email.includes('@')) {
          const validations = [{ message: 'email must be an address', path: ['email'], field: 'email' }];
          throw new FragmentError('FRAGMENT_INGEST_INVALID', { validations, rejection: {} });
        }
        const form = params?.form ?? '';
        const data = { form, email, newsletter: fields.get('newsletter') === 'on' };
        return { type: 'form', name: form, userId: email, data };
      },
    },
  ],
};

const submissionOf = ({ parsed, data }: StoredEvent): Submission =>
  (parsed ?? JSON.parse(data)) as Submission;
