import express from 'express'
import { answer, session } from './data.mjs'

export const listeners = {
  bare: () => express().get('/', (_req, res) => res.json(answer(session.user))),
}
