/** What a report would do: how many requests to which origins, and how long at best, before the first is sent. */
export { type Outlook, outlookOf } from './outlook.ts';
export { asksAnswers, type RequestOutlook } from './request.ts';
